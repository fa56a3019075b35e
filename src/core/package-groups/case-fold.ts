/**
 * Unicode's full case folding of one code point: what remains of it when case is set aside. Made of JavaScript's two
 * case mappings, which differ from the folding in the places below. Source: Unicode, CaseFolding.txt, status C and F.
 */
export function caseFold(character: string): string {
  // The dotless i is no case of another letter.
  if (character === 'ı') return character;
  const upper = character.toLowerCase().toUpperCase();
  // Cherokee's small letters came later than its capitals, which therefore are what is folded to.
  if (cherokee.test(upper)) return upper;
  // Each by itself: within a word the sigma depends on its neighbours.
  return Array.from(upper, (part) => part.toLowerCase()).join('');
}

const cherokee = /^\p{Script=Cherokee}$/u;

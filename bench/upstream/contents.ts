import { Random } from '../packages/random.ts';
import { tarballOf } from '../packages/tarball.ts';
import { TextPool } from '../packages/text.ts';
import type { PackageSketch, TarballSketch } from './sketch.ts';

/** How much smaller gzip makes text of the pool. */
const compression = 2.6;
const pool = new TextPool('contents');

/** The tarball of a version, with package.json and files of text. */
export function contentsOf(sketch: PackageSketch, version: string, tarball: TarballSketch): Buffer {
  const { name } = sketch;
  const random = new Random(`${name}@${version}`);
  const manifest = { name, version, main: 'index.js', dependencies: tarball.dependencies ?? sketch.dependencies };
  const packageJson = ['package/package.json', Buffer.from(JSON.stringify(manifest, null, 2))] as const;
  if (tarball.isRandom === true) return tarballOf([packageJson, ['package/data.bin', random.bytes(tarball.bytes)]], 1);
  const perFile = Math.ceil((tarball.bytes * compression) / tarball.files);
  const files = Array.from({ length: tarball.files }, (_, position) => {
    const path = `package/${position === 0 ? 'index.js' : `lib/${position % 7}/part-${position}.js`}`;
    const size = Math.max(1, Math.round(random.spread(perFile * 0.8, 0.6)));
    return [path, Buffer.from(pool.piece(random, size))] as const;
  });
  return tarballOf([packageJson, ...files], 6);
}

/** A readme of that size. */
export function readmeOf({ name, readmeBytes }: PackageSketch): string {
  return `# ${name}\n\n${pool.piece(new Random(name), readmeBytes)}`;
}

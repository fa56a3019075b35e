import { expect, it } from 'vitest';
import { signature } from '../../../src/core/events/sign.ts';

it('a signature is what openssl says', () => {
  // printf '%s' '1700000000.{"a":"é"}' | openssl dgst -sha256 -hmac 'a secret'
  expect(signature('a secret', '1700000000', '{"a":"é"}')).toBe(
    'sha256=1c62c51814118574a140c6cc084f30aa174fa79cebafdafef46dcd9857b5fd1d',
  );
});

import { type KeyObject, sign } from 'node:crypto';

/** One DER element (X.690): tag, length, content. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts);
const text = (tag: number, value: string) => der(tag, Buffer.from(value));
/** ecdsa-with-SHA256 (RFC 5758 section 3.2). */
const algorithm = sequence(der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
/** commonName (RFC 5280 appendix A.1). */
const name = sequence(der(0x31, sequence(der(0x06, Buffer.from('550403', 'hex')), text(0x0c, 'U2F Test'))));

/** A certificate that a P-256 key gives itself (RFC 5280 section 4.1), as a maker of U2F keys has one for each batch. */
export function selfSigned({
  publicKey,
  privateKey,
}: {
  publicKey: KeyObject;
  privateKey: KeyObject;
}): Buffer {
  const validity = sequence(text(0x17, '200101000000Z'), text(0x17, '491231000000Z'));
  const one = der(0x02, Buffer.from([1]));
  const version3 = der(0xa0, der(0x02, Buffer.from([2])));
  const keyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const content = sequence(version3, one, algorithm, name, validity, name, keyInfo);
  const signature = sign('sha256', content, privateKey);
  return sequence(content, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
}

// Reads one JSON object from standard input and writes one to standard output.
//
//   {"do":"open","private":hex,"info":hex,"enc":hex,"wrapped":hex}  ->  {"secret":hex}
//   {"do":"seal","public":hex,"info":hex,"secret":hex}              ->  {"enc":hex,"wrapped":hex}
//
// HPKE as docs/envelope-format.md says: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, base mode, no AAD.
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { readFileSync } from "node:fs";

const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex")).buffer;
const hex = (buffer) => Buffer.from(buffer).toString("hex");
const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const task = JSON.parse(readFileSync(0, "utf8"));

async function open() {
  const recipientKey = await suite.kem.deserializePrivateKey(bytes(task.private));
  const context = await suite.createRecipientContext({ recipientKey, enc: bytes(task.enc), info: bytes(task.info) });
  return { secret: hex(await context.open(bytes(task.wrapped))) };
}

async function seal() {
  const recipientPublicKey = await suite.kem.deserializePublicKey(bytes(task.public));
  const context = await suite.createSenderContext({ recipientPublicKey, info: bytes(task.info) });
  return { enc: hex(context.enc), wrapped: hex(await context.seal(bytes(task.secret))) };
}

console.log(JSON.stringify(await (task.do === "open" ? open() : seal())));

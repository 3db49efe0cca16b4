// Verification in the browser, written from docs/log-format.md and the C2SP pages that it names. It trusts the key that the
// auditor typed, WebCrypto, and nothing that the server says.

const tileWidth = 256;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

const sha256 = async (...parts) => {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) { all.set(p, at); at += p.length; }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
};
const leafHash = (record) => sha256(Uint8Array.of(0), record); // RFC 6962, section 2.1
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);
const equal = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

export class Fault extends Error {}

// fetched reads one published file; null if it is not there.
const fetched = async (path) => {
  const answer = await fetch("log/" + path, { cache: "no-store" });
  return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
};

// parseKey reads name+hash+base64(01 || key) of c2sp.org/signed-note.
export const parseKey = async (text) => {
  const [name, hash, ...rest] = text.trim().split("+");
  let raw;
  try { raw = fromBase64(rest.join("+")); } catch { raw = new Uint8Array(); }
  if (!name || raw.length !== 33 || raw[0] !== 1) throw new Fault("This is not the public key of a log.");
  const id = (await sha256(encoder.encode(name + "\n"), raw)).slice(0, 4);
  if ([...id].map((b) => b.toString(16).padStart(2, "0")).join("") !== hash) throw new Fault("The key was mistyped: its hash does not fit.");
  const key = await crypto.subtle.importKey("raw", raw.slice(1), "Ed25519", false, ["verify"]);
  return { name, id, key };
};

// head fetches the checkpoint and verifies the log's signature.
export const head = async (vkey) => {
  const key = await parseKey(vkey);
  const note = await fetched("checkpoint");
  if (!note) throw new Fault("Nothing is published yet.");
  const text = decoder.decode(note);
  const cut = text.indexOf("\n\n");
  if (cut < 0) throw new Fault("The checkpoint is not a signed note.");
  const body = text.slice(0, cut + 1);
  let signed = false;
  for (const line of text.slice(cut + 2).split("\n")) {
    const [dash, name, sig] = line.split(" ");
    if (dash !== "—" || name !== key.name || !sig) continue;
    const raw = fromBase64(sig);
    if (!equal(raw.slice(0, 4), key.id)) continue;
    signed ||= await crypto.subtle.verify("Ed25519", key.key, raw.slice(4), encoder.encode(body));
  }
  const [origin, size, root] = body.split("\n");
  if (!signed) throw new Fault("The log's head does not carry the signature of this key.");
  if (origin !== key.name || !/^(0|[1-9][0-9]*)$/.test(size)) throw new Fault("The log's head is of another log.");
  return { origin, size: Number(size), root: fromBase64(root) };
};

// tilePath is c2sp.org/tlog-tiles: groups of three digits, all but the last with an x in front.
const tilePath = (level, n, width) => {
  let path = String(n % 1000).padStart(3, "0");
  while (n >= 1000) { n = Math.floor(n / 1000); path = "x" + String(n % 1000).padStart(3, "0") + "/" + path; }
  return `tile/${level}/${path}${width < tileWidth ? ".p/" + width : ""}`;
};

// tile reads a tile of at least width entries; the log may have replaced a partial one by the full one.
const tile = async (level, n, width) => {
  const data = (await fetched(tilePath(level, n, width))) ?? (width < tileWidth ? await fetched(tilePath(level, n, tileWidth)) : null);
  if (!data) throw new Fault(`The file ${tilePath(level, n, width)} is missing.`);
  return data;
};

const hashTile = async (level, n, width) => {
  const data = await tile(level, n, width);
  if (data.length < 32 * width) throw new Fault(`The file ${tilePath(level, n, width)} is too short.`);
  return Array.from({ length: width }, (_, i) => data.slice(32 * i, 32 * i + 32));
};

// bundle reads the records of one entry bundle: uint16 length and record, repeated.
const bundle = async (n, width) => {
  const data = await tile("entries", n, width);
  const records = [];
  for (let at = 0; records.length < width; ) {
    const length = (data[at] << 8) | data[at + 1];
    if (at + 2 + length > data.length || Number.isNaN(length)) throw new Fault(`The file ${tilePath("entries", n, width)} ends inside a record.`);
    records.push(data.slice(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return records;
};

// perfect folds a power of two of hashes into one.
const perfect = async (hashes) => {
  while (hashes.length > 1) hashes = await Promise.all(hashes.filter((_, i) => i % 2 === 0).map((h, i) => nodeHash(h, hashes[2 * i + 1])));
  return hashes[0];
};

// peaks splits the hashes of a partial tile into perfect trees, the largest first.
const peaks = async (hashes) => {
  const out = [];
  for (let width = 128, at = 0; width >= 1; width /= 2) {
    if (hashes.length & width) { out.push(await perfect(hashes.slice(at, at + width))); at += width; }
  }
  return out;
};

// The right edge of the tree: at each level the partial tile that no tile above it covers.
const edges = (size) => {
  const out = [];
  for (let level = 0, n = size; n > 0; level++, n = Math.floor(n / tileWidth)) out.push({ level, tile: Math.floor(n / tileWidth), width: n % tileWidth });
  return out;
};

// verifyRecord checks that these bytes are record i of the log that the head signs.
export const verifyRecord = async (i, raw, vkey) => {
  const h = await head(vkey);
  if (i >= h.size) throw new Fault(`Record ${i} is not published yet: the signed head covers ${h.size} records.`);
  const n = Math.floor(i / tileWidth);
  const records = await bundle(n, Math.min(tileWidth, h.size - n * tileWidth));
  if (!equal(records[i % tileWidth], encoder.encode(raw))) throw new Fault("The record shown is not the one that was published.");
  let hash = await leafHash(encoder.encode(raw));
  let all = [], found = false;
  for (const edge of edges(h.size)) { // climb to the tile on the right edge that holds what covers the record
    const index = Math.floor(i / tileWidth ** edge.level);
    const holder = Math.floor(index / tileWidth);
    if (!found) {
      const inEdge = holder === edge.tile;
      const hashes = await hashTile(edge.level, holder, inEdge ? edge.width : tileWidth);
      if (!equal(hashes[index % tileWidth], hash)) throw new Fault(`A hash in ${tilePath(edge.level, holder, hashes.length)} does not match the record.`);
      found = inEdge;
      if (!inEdge) hash = await perfect(hashes);
    }
  }
  for (const edge of edges(h.size)) if (edge.width > 0) all = [...(await peaks(await hashTile(edge.level, edge.tile, edge.width))), ...all];
  await compareRoot(all, h);
  if (!found) throw new Fault("The record is not in the tree.");
  return h;
};

const compareRoot = async (all, h) => {
  let root = all.length ? all[all.length - 1] : await sha256();
  for (let i = all.length - 2; i >= 0; i--) root = await nodeHash(all[i], root);
  if (!equal(root, h.root)) throw new Fault("The hashes do not lead to the root that the log signed.");
};

// verifyLog hashes every record and rebuilds the whole tree, without the help of the hash tiles.
export const verifyLog = async (vkey, progress) => {
  const h = await head(vkey);
  let levels = []; // levels[l] is the hash of a finished tree of 2^l records, or undefined
  for (let n = 0; n * tileWidth < h.size; n++) {
    const records = await bundle(n, Math.min(tileWidth, h.size - n * tileWidth));
    for (const leaf of await Promise.all(records.map(leafHash))) {
      let hash = leaf, l = 0;
      for (; levels[l]; l++) { hash = await nodeHash(levels[l], hash); levels[l] = undefined; }
      levels[l] = hash;
    }
    progress?.(Math.min((n + 1) * tileWidth, h.size), h.size);
  }
  await compareRoot(levels.filter(Boolean).reverse(), h);
  return h;
};

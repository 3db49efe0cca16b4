import { Fault, verifyLog, verifyRecord } from "./verify.js";

const $ = (id) => document.getElementById(id);
const svgNS = "http://www.w3.org/2000/svg";

// make builds an element; text is always text, never markup.
const make = (tag, attributes = {}, ...children) => {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes)) if (v !== undefined) e.setAttribute(k, v);
  e.append(...children);
  return e;
};
const draw = (tag, attributes = {}, ...children) => {
  const e = document.createElementNS(svgNS, tag);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  e.append(...children);
  return e;
};
const getJSON = async (path) => {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
};
const time = (at) => at.replace("T", " ").replace(/(\.\d+)?Z$/, "");

// say shows a verdict in words and by a mark.
const say = (id, state, text) => { $(id).dataset.state = state; $(id + "-text").textContent = text; };
const judge = async (id, work, good) => {
  say(id, "busy", "Verifying in your browser…");
  try {
    say(id, "good", good(await work()));
  } catch (e) {
    say(id, "bad", e instanceof Fault ? "Does not verify: " + e.message : "Could not verify: " + e.message);
  }
};
const vkey = () => $("vkey").value;

$("trust").addEventListener("submit", (event) => {
  event.preventDefault();
  localStorage.setItem("vkey:" + location.host, vkey());
  judge("verdict", () => verifyLog(vkey(), (done, all) => ($("verdict-text").textContent = `Verifying in your browser: ${done} of ${all} records`)),
    (h) => `Verified here: all ${h.size} published records lead to the root that ${h.origin} signed.`);
});

const ground = (r) => (r.type === "log-access" ? [r.fields?.reading, r.missing?.join(", ")].filter(Boolean).join(": ") : "") || r.missing?.join(", ") || r.cause || r.basis?.[0] || r.fields?.reading || r.fields?.event || "";
const partner = (r) => [r.recipient === party ? r.exporter : r.recipient, r.recipient_country].filter(Boolean).join(" · ");
let party = "";

const row = ({ index, record: r, outcome }) => {
  const open = make("button", { type: "button", "aria-label": `Open record ${index}` }, String(index));
  open.addEventListener("click", () => show(index));
  return make("tr", {}, make("td", {}, open), make("td", { class: "time" }, time(r.at)), make("td", {}, make("span", { class: "pill " + r.type }, r.type)),
    make("td", {}, partner(r)), make("td", {}, r.agreement ?? ""), make("td", {}, ground(r)),
    make("td", {}, outcome ? make("span", { class: "pill " + outcome }, outcome) : ""));
};

const list = async () => {
  const query = new URLSearchParams([...new FormData($("filters"))].filter(([, v]) => v));
  try {
    const { records, total, withheld } = await getJSON("api/records?" + query);
    $("rows").replaceChildren(...(records ?? []).map(row));
    $("count").textContent = `${total} of ${all} records` + (total > (records?.length ?? 0) ? `, the newest ${records.length} shown` : "") +
      (withheld ? `; ${withheld} withheld, since agreements name others to read them` : "");
  } catch (e) {
    $("count").textContent = e.message;
  }
};
let all = 0;
$("filters").addEventListener("change", list);
$("filters").addEventListener("reset", () => setTimeout(list));

const fact = (name, value) => (value ? [make("dt", {}, name), make("dd", {}, value)] : []);

const show = async (n) => {
  const { record: r, raw, sentences, siblings } = await getJSON("api/record/" + n);
  $("record-title").textContent = `Record ${n}: ${r.type}, ${time(r.at)} UTC`;
  const body = [];
  for (const part of sentences ?? []) {
    body.push(part.lines?.length ? make("h3", {}, part.heading) : make("p", {}, part.heading));
    if (part.lines?.length) body.push(make("ul", {}, ...part.lines.map((l) => make("li", {}, l))));
  }
  body.push(make("dl", {}, ...fact("transfer", r.transfer), ...fact("from", r.exporter), ...fact("to", partner(r)), ...fact("agreement", r.agreement),
    ...fact("purpose", r.purpose), ...fact("basis", r.basis?.join(", ")), ...fact("missing", r.missing?.join(", ")), ...fact("cause", r.cause),
    ...fact("data that left", r.categories?.join(", ")), ...fact("duties", r.obligations?.map((d) => d.code + (d.deadline ? " until " + d.deadline : "") + (d.discharged ? " (done)" : "")).join(", ")),
    ...fact("envelope", r.envelope_digest), ...fact("policy", r.policy_revision), ...fact("sealed", Object.keys(r.commitments ?? {}).join(", "))));
  if (r.manifest?.items) {
    body.push(make("h3", {}, "What became of each field"), make("div", { class: "tablewrap" }, make("table", {},
      make("thead", {}, make("tr", {}, ...["field", "form", "values"].map((t) => make("th", { scope: "col" }, t)))),
      make("tbody", {}, ...r.manifest.items.map((i) => make("tr", {}, make("td", {}, i.path), make("td", {}, i.technique), make("td", {}, String(i.count ?? 0))))))));
  }
  const others = (siblings ?? []).filter((s) => s.index !== n);
  if (others.length) body.push(make("h3", {}, "The same transfer"), make("ul", {}, ...others.map((s) => {
    const go = make("button", { type: "button" }, `${s.index}: ${s.record.type}, ${time(s.record.at)}`);
    go.addEventListener("click", () => show(s.index));
    return make("li", {}, go);
  })));
  body.push(make("details", {}, make("summary", {}, "The record, byte by byte"), make("pre", {}, raw)));
  $("record-body").replaceChildren(...body);
  if (!$("record").open) $("record").showModal();
  $("record-title").focus();
  if (vkey()) judge("record-verdict", () => verifyRecord(n, raw, vkey()), (h) => `Verified here: this is record ${n} of the log that ${h.origin} signed.`);
  else say("record-verdict", "unknown", "Enter the log's public key to verify this record in your browser.");
};
$("close").addEventListener("click", () => $("record").close());

// The time line: one bar a day, or a week if there are many; what left stands below what was refused.
const timeline = (days) => {
  const width = 640, height = 170, foot = 22, kinds = ["left", "received", "refused", "otherwise"];
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Records a day, ${days.length} days` });
  const max = Math.max(1, ...days.map((d) => kinds.reduce((n, k) => n + d[k], 0)));
  const step = Math.min(width / Math.max(days.length, 1), 46), bar = Math.max(step * 0.7, 1);
  svg.append(draw("line", { class: "axis", x1: 0, x2: width, y1: height - foot, y2: height - foot }));
  days.forEach((d, i) => {
    let y = height - foot;
    for (const k of kinds) {
      const h = (d[k] / max) * (height - foot - 14);
      if (!h) continue;
      y -= h;
      svg.append(draw("rect", { class: "bar-" + k, x: i * step + (step - bar) / 2, y, width: bar, height: h, rx: Math.min(3, bar / 3) }, draw("title", {}, `${d.day}: ${d[k]} ${k}`)));
    }
    if (i % Math.ceil(60 / step) === 0) svg.append(draw("text", { x: i * step + 2, y: height - 7 }, d.day.slice(5)));
  });
  return svg;
};

// The flow: data categories on the left, the form in which they went in the middle, recipients on the right.
const flowChart = (flows) => {
  const width = 760, gap = 7, columns = [150, 340, 560], nodeWidth = 12;
  const short = flows.filter((f) => f.technique !== "drop");
  const top = new Map();
  for (const f of flows) top.set(f.category, (top.get(f.category) ?? 0) + f.values);
  const shown = new Set([...top].sort((a, b) => b[1] - a[1]).slice(0, 14).map(([c]) => c));
  const names = (f) => [shown.has(f.category) ? f.category : "other data", f.technique, f.technique === "drop" ? "withheld" : [f.recipient, f.country].filter(Boolean).join(" · ")];
  const sums = [new Map(), new Map(), new Map()];
  for (const f of flows) names(f).forEach((n, c) => sums[c].set(n, (sums[c].get(n) ?? 0) + f.values));
  const total = flows.reduce((n, f) => n + f.values, 0);
  const height = Math.max(220, 20 * sums[0].size + 40), scale = (height - gap * Math.max(...sums.map((m) => m.size)) - 10) / Math.max(total, 1);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${short.length} kinds of flow, ${total} values` });
  const at = sums.map((m) => {
    let y = 5;
    return new Map([...m].sort((a, b) => (a[0] === "other data") - (b[0] === "other data") || b[1] - a[1]).map(([n, v]) => { const node = { y, h: Math.max(v * scale, 2), from: y, to: y }; y += node.h + gap; return [n, node]; }));
  });
  const kind = (t) => ["keep", "drop", "pseudonymise", "tokenise", "generalise", "mask", "shift_date"].includes(t) ? "t-" + t : "t-other";
  for (const f of flows) {
    const ns = names(f), h = Math.max(f.values * scale, 0.6);
    for (const c of [0, 1]) {
      const a = at[c].get(ns[c]), b = at[c + 1].get(ns[c + 1]), x0 = columns[c] + nodeWidth, x1 = columns[c + 1], y0 = a.to, y1 = b.from, m = (x0 + x1) / 2;
      svg.append(draw("path", { class: "ribbon " + kind(f.technique), d: `M${x0},${y0} C${m},${y0} ${m},${y1} ${x1},${y1} v${h} C${m},${y1 + h} ${m},${y0 + h} ${x0},${y0 + h} z` },
        draw("title", {}, `${f.values} values of ${f.category}: ${f.technique}` + (f.technique === "drop" ? "" : `, to ${f.recipient}`))));
      a.to += h; b.from += h;
    }
  }
  at.forEach((m, c) => m.forEach((node, name) => {
    svg.append(draw("rect", { x: columns[c], y: node.y, width: nodeWidth, height: node.h, rx: 3, class: c === 1 ? kind(name) : "bar-otherwise" }));
    svg.append(draw("text", { class: "name", x: c === 0 ? columns[c] - 8 : columns[c] + nodeWidth + 8, y: node.y + Math.max(node.h / 2, 4) + 4, "text-anchor": c === 0 ? "end" : "start" }, name));
  }));
  return svg;
};

// flowTable says the same to who does not see the picture.
const flowTable = (flows) => make("table", { class: "hidden" }, make("caption", {}, "Which data went where, in which form"),
  make("thead", {}, make("tr", {}, ...["data", "form", "recipient", "values"].map((t) => make("th", { scope: "col" }, t)))),
  make("tbody", {}, ...flows.map((f) => make("tr", {}, ...[f.category, f.technique, f.recipient, String(f.values)].map((t) => make("td", {}, t))))));

const alarmItem = (a) => {
  const li = make("li", { "data-kind": a.kind }, a.text);
  for (const n of (a.records ?? []).slice(0, 3)) {
    const open = make("button", { type: "button", "aria-label": `Open record ${n}` }, "record " + n);
    open.addEventListener("click", () => show(n));
    li.append(" ", open);
  }
  return li;
};

const choices = (values) => {
  for (const name of ["outcome", "type", "country", "agreement", "purpose", "category"]) {
    $("f-" + name).replaceChildren(make("option", { value: "" }, "all"), ...(values[name] ?? []).map((v) => make("option", { value: v }, v)));
  }
};

const start = async () => {
  const s = await getJSON("api/summary");
  party = s.party;
  all = s.records;
  document.title = `${s.party} · audit log`;
  $("party").textContent = s.party;
  $("subtitle").textContent = `${s.records} records · ${s.origin}`;
  $("vkey").value = localStorage.getItem("vkey:" + location.host) ?? "";
  $("alarms").replaceChildren(...(s.alarms?.length ? s.alarms.map(alarmItem) : [make("li", { class: "none" }, "Nothing is in doubt, due or unusual.")]));
  $("timeline").replaceChildren(timeline(s.days ?? []));
  $("flow").replaceChildren(...(s.flows?.length ? [flowChart(s.flows), flowTable(s.flows)] : [make("p", {}, "Nothing has left yet.")]));
  choices(s.values ?? {});
  await list();
};
start().catch((e) => say("verdict", "bad", "The log could not be read: " + e.message));

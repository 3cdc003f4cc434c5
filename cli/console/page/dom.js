"use strict";
// What the parts of the page share: elements made without HTML, and calls to the console.
const byId = (id) => document.getElementById(id);

// Texts of others become text nodes and nothing else.
function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// The token leaves the address bar, and so screens that are shared and histories; a reload still finds it.
const TOKEN = location.hash.slice(1) || sessionStorage.getItem("token") || "";
if (TOKEN) sessionStorage.setItem("token", TOKEN);
history.replaceState(null, "", location.pathname);

// An answer that comes while it is written: each piece is handed on, and the last event holds the response or the error.
async function readEvents(parts, onPiece) {
  const reader = parts.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = "";;) {
    const { done, value } = await reader.read();
    if (done) throw new Error("The answer broke off. Ask again.");
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const [, kind, data] of events.map((event) => /^event: (\w+)\ndata: (.*)$/.exec(event))) {
      const event = JSON.parse(data);
      if (kind === "delta") onPiece(event.text);
      if (kind === "done") return { response: event };
      if (kind === "error") return event;
    }
  }
}

async function call(name, body = {}, onPiece = () => {}) {
  let response;
  try {
    response = await fetch(`/api/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Arbiter-Token": TOKEN },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("The console has ended. Start it again: arbiter console.");
  }
  if (response.headers.get("Content-Type") === "text/event-stream") return readEvents(response.body, onPiece);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message);
  return answer;
}

const failure = (message) => element("p", { class: "failure", role: "alert" }, message);
const number = (value) => value.toLocaleString("en");
const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
const money = (usd) => (usd === null || usd === undefined ? "price unknown" : `$${usd.toFixed(6)}`);
const when = (text) => (text ? text.slice(0, 16).replace("T", " ") : "");
// Of a tuned model, whose ARN takes a card up: its kind and its id.
const nameOf = (model) => model.replace(/^arn:(?:[^:]*:){4}/, "");
const documentOf = (uri) => uri.replace(/^s3:\/\/[^/]+\//, "");

function table(caption, headings, rows) {
  const head = element("tr", {}, ...headings.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell))));
  const made = element("table", {}, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...body));
  return element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption }, made);
}

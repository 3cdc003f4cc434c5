// The question, its answers side by side, the conversation, and the verdicts on answers.
const history_ = [];

const sources = (citations) => {
  if (!citations.length) return null;
  const items = citations.map((one) => {
    const page = one.page === null || one.page === undefined ? "" : `page ${one.page}`;
    const about = [page, one.section, one.score === null ? "" : one.score.toFixed(2)];
    const score = about.filter(Boolean).map((part) => ` · ${part}`).join("");
    return element("li", {}, element("b", {}, documentOf(one.uri)), score, element("br"), one.text.slice(0, 400), one.text.length > 400 ? " …" : "");
  });
  const count = `${counted(citations.length, "passage")} of ${counted(new Set(citations.map((one) => one.uri)).size, "document")}`;
  return element("details", {}, element("summary", {}, count), element("ol", { class: "citations" }, ...items));
};

const chosen = (head) => `${head.value ? "yes" : "no"}, ${head.score.toFixed(2)}, needed ${head.threshold.toFixed(2)}: ${head.because}`;

function why(decision) {
  if (!decision) return null;
  const ruled = Object.entries(decision.ruled_out || {}).map(([mode, reason]) => element("p", {}, `Not ${mode}: it ${reason}`));
  return element(
    "div", { class: "why" },
    element("p", {}, `Why auto chose this: documents ${chosen(decision.grounded)}; tuned model ${chosen(decision.specialised)} · ${decision.policy}`),
    ...ruled,
  );
}

function facts(response) {
  const time = response.latency_ms;
  const steps = { route: time.route, search: time.retrieve, model: time.generate };
  const taken = Object.entries(steps).filter(([, took]) => took >= 0.5).map(([step, took]) => `${step} ${number(Math.round(took))}`);
  const pairs = {
    Model: element("span", { title: response.model }, nameOf(response.model)),
    Tokens: `${number(response.usage.input_tokens)} in, ${number(response.usage.output_tokens)} out`,
    Latency: `${number(Math.round(time.total))} ms${taken.length ? ` (${taken.join(", ")})` : ""}`,
    Cost: money(response.cost_usd),
  };
  if (!["end_turn", "tool_use"].includes(response.stop_reason)) pairs.Stopped = response.stop_reason;
  return element("dl", {}, ...Object.entries(pairs).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

function verdict(question, response) {
  const status = element("p", { role: "status" });
  const buttons = [["good", "Good", "Good answer"], ["bad", "Bad", "Bad answer"]].map(([rating, word, label]) =>
    element("button", { type: "button", "aria-label": `${label}: ${response.mode}`, "aria-pressed": "false", onclick: () => note(rating) }, word));
  const text = element("textarea", { rows: 2, maxlength: 5000, "aria-label": "The right answer, or what is wrong" });
  const correction = element(
    "div", { class: "correction", hidden: "" }, text,
    element("div", { class: "row" }, element("button", { type: "button", onclick: () => note("bad", text.value) }, "Send the right answer")),
  );
  async function note(rating, given) {
    try {
      const asked = response.answer.trim() ? { question, answer: response.answer } : {};
      const texts = { ...asked, ...(given ? { text: given } : {}) };
      const noted = await call("rate", { request_id: response.request_id, rating, ...texts });
      buttons.forEach((button, index) => button.setAttribute("aria-pressed", String((index === 0) === (rating === "good"))));
      correction.hidden = rating === "good" || Boolean(given);
      const kept = noted.feedback.text_kept;
      status.textContent = `Noted as ${rating}.` + (kept === false ? " Its text is not kept: router.log_text is false and feedback.keep_text_days not set." : "");
    } catch (error) {
      status.textContent = error.message;
    }
  }
  return element("div", {}, element("div", { class: "row" }, ...buttons, status), correction);
}

function reply(mode, question, given) {
  const { response, error } = given;
  if (error) return element("article", { class: "answer" }, element("h4", {}, mode), failure(error.message));
  const served = response.mode === mode ? mode : `${mode} → ${response.mode}`;
  const follow = () => {
    history_.push({ role: "user", text: question }, { role: "assistant", text: response.answer });
    showConversation();
  };
  return element(
    "article", { class: "answer", "data-mode": mode },
    element("h4", {}, served),
    element("div", { class: "text" }, response.answer),
    ...response.degraded.map((text) => element("p", { class: "degraded" }, `Degraded: ${text}`)),
    ...(response.guardrail || []).map((one) => {
      const reason = [one.policy, one.name].filter(Boolean).join(": ");
      return element("p", { class: "degraded" }, `The guardrail ${one.action} the ${one.stage}: ${reason}`);
    }),
    why(response.decision), sources(response.citations), facts(response), verdict(question, response),
    element("div", { class: "row" }, element("button", { type: "button", "aria-label": `Ask on after the answer of ${mode}`, onclick: follow }, "Ask on from here")),
  );
}

function showConversation() {
  const names = { user: "You: ", assistant: "Arbiter: " };
  byId("turns").replaceChildren(...history_.map((turn) => element("li", {}, element("b", {}, names[turn.role]), turn.text)));
  byId("conversation").hidden = !history_.length;
  byId("prompt").textContent = history_.length ? "Your next question in this conversation" : "Your question";
  byId("question").value = "";
  byId("question").focus();
}

async function ask(event) {
  event.preventDefault();
  const question = byId("question").value;
  const modes = [...document.querySelectorAll("#modes input:checked")].map((box) => box.value);
  if (!modes.length) {
    byId("status").textContent = "Choose a mode.";
    return;
  }
  byId("send").disabled = true;
  const history = history_.map((turn) => ({ ...turn }));
  const cards = modes.map((mode) => element("article", { class: "answer waiting", "aria-busy": "true" }, element("h4", {}, mode), element("div", { class: "text" }, "…")));
  byId("replies").replaceChildren(...cards);
  // One after the other, so that the latencies can be compared.
  for (const [index, mode] of modes.entries()) {
    byId("status").textContent = `Asking ${mode}, ${index + 1} of ${modes.length} …`;
    let card, written = "";
    const onPiece = (piece) => (cards[index].lastChild.textContent = written += piece);
    try {
      card = reply(mode, question, await call("ask", { question, mode, ...(history.length ? { history } : {}) }, onPiece));
    } catch (error) {
      card = reply(mode, question, { error });
    }
    cards[index].replaceWith(card);
  }
  byId("status").textContent = `Asked in ${counted(modes.length, "mode")}.`;
  byId("send").disabled = false;
}

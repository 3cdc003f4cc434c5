// Documents, training runs, evaluations and decision records: each read when it is opened.
const SIZE = [320, 120];
const DRAWING = "http://www.w3.org/2000/svg";

function shape(name, properties, text) {
  const made = document.createElementNS(DRAWING, name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

function curve(losses) {
  const [width, height] = SIZE;
  const points = Object.values(losses).flat();
  const last = Math.max(...points.map(([step]) => step));
  const highest = Math.max(...points.map(([, loss]) => loss), 1e-9);
  const x = (step) => 30 + (step / Math.max(last, 1)) * (width - 35);
  const y = (loss) => height - 15 - (loss / highest) * (height - 25);
  const drawn = shape("svg", { class: "curve", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Loss by step: ${curves(losses).map(course).join("; ")}` });
  drawn.append(shape("line", { x1: 30, x2: width - 5, y1: y(0), y2: y(0) }), shape("text", { x: 0, y: y(highest) + 4 }, highest.toPrecision(3)));
  drawn.append(shape("text", { x: 20, y: y(0) + 4 }, "0"), shape("text", { x: width - 60, y: height - 2 }, `step ${last}`));
  for (const [name, line] of curves(losses)) {
    drawn.append(shape("polyline", { class: name, points: line.map(([step, loss]) => `${x(step)},${y(loss)}`).join(" ") }));
  }
  return drawn;
}

const course = ([name, line]) => `${name} from ${line[0][1].toPrecision(3)} to ${line.at(-1)[1].toPrecision(3)}`;

const curves = (losses) => Object.entries(losses).filter(([, line]) => line.length);

function training(run) {
  const samples = run.samples === null ? "" : `${number(run.samples)} samples`;
  const cost = run.cost_usd === null ? "" : `$${run.cost_usd.toFixed(2)}`;
  const about = [run.standing, samples, run.base_model, when(run.started_at), cost].filter(Boolean).join(" · ");
  const drawn = run.no_losses ? element("p", {}, `No losses: ${run.no_losses}`) : curve(run.losses);
  return element(
    "article", { class: "run" }, element("h3", {}, run.run), element("p", {}, about),
    run.error ? element("p", { class: "failure" }, run.error) : null,
    run.no_losses ? null : element("p", {}, ...curves(run.losses).map((line) => element("span", { class: line[0] }, `${course(line)} `))), drawn,
  );
}

function opener(kind, name, text, label) {
  const button = element("button", { type: "button", "aria-label": label, onclick: open }, text);
  async function open() {
    // Opened at once: a browser lets no page open another one later than the person's press.
    const tab = window.open("about:blank");
    if (tab) tab.opener = null;
    try {
      const { path } = await call("open", { kind, name });
      tab ? tab.location.replace(path) : location.assign(path);
    } catch (error) {
      tab?.close();
      button.replaceWith(failure(error.message));
    }
  }
  return button;
}

const SHOW = {
  documents: ({ count, indexed, job, documents }) => {
    const latest = job ? ` Latest ingestion job: ${job.status}, started ${when(job.started_at)}.` : "";
    if (!count) return [element("p", {}, `There are no documents yet: arbiter sync FOLDER.${latest}`)];
    const reasons = documents.some((one) => one.reason);
    const rows = documents.map((one) => [documentOf(one.uri), one.status, ...(reasons ? [one.reason] : [])]);
    const headings = ["Document", "State", ...(reasons ? ["Reason"] : [])];
    const more = count > documents.length ? [element("p", {}, `… and ${number(count - documents.length)} more, all indexed or listed by arbiter sync.`)] : [];
    return [element("p", {}, `${number(indexed)} of ${number(count)} indexed.${latest}`), table("Documents", headings, rows), ...more];
  },
  trainings: ({ runs }) => (runs.length ? runs.map(training) : [element("p", {}, "No training has been run: arbiter train FILE.")]),
  evaluations: ({ runs, advice }) => {
    const rows = runs.map((run) => [
      run.run, when(run.started_at), String(run.cases), run.arms.join(", "),
      run.summarised ? opener("report", run.run, "Open", `Open the report of ${run.run}`) : "no summary yet",
    ]);
    const records = advice.map((one) => [one.file.replace(/^.*\//, ""), opener("advice", one.name, "Open", `Open the decision record of ${one.file}`)]);
    return [
      rows.length ? table("Evaluation runs", ["Run", "Started", "Questions", "Techniques", "Report"], rows) : element("p", {}, "There is no evaluation run yet: arbiter evaluate."),
      records.length ? table("Decision records, by file of answers", ["Answers", "Record"], records) : element("p", {}, "Answer arbiter advise, or name a file: arbiter console --advice FILE."),
    ];
  },
};

async function load(name) {
  const panel = document.querySelector(`#${name} .loaded`);
  panel.replaceChildren(element("p", { role: "status" }, "Reading …"));
  try {
    panel.replaceChildren(...SHOW[name](await call(name)));
  } catch (error) {
    panel.replaceChildren(failure(error.message));
  }
}

// The page as it starts.
async function start() {
  byId("ask").addEventListener("submit", ask);
  byId("anew").addEventListener("click", () => {
    history_.length = 0;
    showConversation();
  });
  byId("question").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("ask").requestSubmit();
  });
  for (const name of Object.keys(SHOW)) byId(name).addEventListener("toggle", (event) => event.target.open && load(name));
  try {
    const about = await call("about");
    byId("about").textContent = `Environment ${about.environment} · ${about.region}`;
    byId("caveat").hidden = !about.local;
    const boxes = about.modes.map((mode) => element("label", {}, element("input", { type: "checkbox", value: mode, checked: "" }), mode));
    byId("modes").append(...boxes);
  } catch (error) {
    byId("about").replaceChildren(failure(error.message));
    byId("send").disabled = true;
  }
}
start();

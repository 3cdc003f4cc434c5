"use strict";
// Searches and filters the questions; a page without this shows them all.
(() => {
  const PAGE = 50;
  const byId = (id) => document.getElementById(id);
  const [form, list, more, found] = ["filters", "list", "more", "found"].map(byId);
  const index = JSON.parse(byId("index").textContent);
  const blocks = [...document.querySelectorAll("script.block")];
  const packed = blocks.length > 0;
  const perBlock = Number(list.dataset.block);
  const articles = [...list.children];
  const unpacked = new Map();
  let search = 0;
  let matches = [];
  let shown = 0;

  async function block(position) {
    if (!unpacked.has(position)) {
      const bytes = Uint8Array.from(atob(blocks[position].textContent), (character) => character.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      if (unpacked.size > 8) unpacked.delete(unpacked.keys().next().value);
      unpacked.set(position, JSON.parse(await new Response(stream).text()));
    }
    return unpacked.get(position);
  }

  // Written by the same template that wrote the page: everything in it is escaped already.
  const card = async (position) => (await block(Math.floor(position / perBlock)))[position % perBlock];

  const escaped = (text) =>
    text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&#34;").replace(/'/g, "&#39;");

  const texts = [];
  async function holds(position, query) {
    if (packed) return (await card(position)).replace(/<[^>]*>/g, " ").toLowerCase().includes(escaped(query));
    texts[position] ??= articles[position].textContent.toLowerCase();
    return texts[position].includes(query);
  }

  function wanted([tags, winner, apart, failed], filter) {
    return (
      (!filter.tag || tags.includes(filter.tag)) &&
      (!filter.winner || winner === filter.winner) &&
      apart >= filter.apart &&
      (!filter.failed || failed)
    );
  }

  const showCount = (count, done) => {
    found.textContent = `${count.toLocaleString("en")} of ${index.length.toLocaleString("en")} questions${done ? "" : " …"}`;
  };

  async function showMore() {
    const mine = search;
    const next = matches.slice(shown, shown + PAGE);
    const cards = [];
    for (const position of next) cards.push(await card(position));
    if (mine !== search) return;
    list.insertAdjacentHTML("beforeend", cards.join(""));
    shown += next.length;
    more.hidden = shown >= matches.length;
  }

  async function update() {
    const mine = ++search;
    const query = byId("query").value.trim().toLowerCase();
    const filter = {
      tag: byId("tag").value,
      winner: byId("winner").value,
      apart: Number(byId("apart").value),
      failed: byId("failed").checked,
    };
    const hits = [];
    for (let position = 0; position < index.length; position++) {
      if (!wanted(index[position], filter)) continue;
      if (query && !(await holds(position, query))) continue;
      if (mine !== search) return;
      hits.push(position);
      if (packed && hits.length % 200 === 0) showCount(hits.length, false);
    }
    if (mine !== search) return;
    matches = hits;
    showCount(hits.length, true);
    if (packed) {
      list.replaceChildren();
      shown = 0;
      await showMore();
    } else {
      const kept = new Set(hits);
      articles.forEach((article, position) => (article.hidden = !kept.has(position)));
    }
  }

  async function follow() {
    const position = packed ? index.findIndex((entry) => `#q-${entry[4]}` === location.hash) : -1;
    if (position < 0) return;
    list.insertAdjacentHTML("afterbegin", await card(position));
    list.firstElementChild.scrollIntoView();
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", update);
  more.addEventListener("click", showMore);
  form.hidden = false;
  update().then(follow);
})();

// The screen's keys and what happens while somebody types. Every page works without this file.
"use strict";
(() => {
  const READ_AFTER = 120, SEARCH_AFTER = 400, ASK_AGAIN = 30000; // milliseconds
  const LEAST = 3; // characters before people are looked for on a pause
  const byId = (id) => document.getElementById(id);
  const box = byId("box"), form = byId("search"), reading = byId("reading"), list = byId("suggestions");
  const main = byId("main"), help = byId("keyhelp"), said = byId("said");
  const log = document.body.dataset.log, formKey = document.body.dataset.formKey;
  let call = document.body.dataset.call;

  let sayTimer = 0;
  const say = (words) => { // to ears at once, to eyes for a while
    said.textContent = words;
    const shown = byId("toast");
    shown.textContent = words.slice(0, 200);
    shown.hidden = !words;
    clearTimeout(sayTimer);
    sayTimer = setTimeout(() => { shown.hidden = true; }, 4000);
  };
  const why = byId("reason"); // for roles that look for a reason only
  const part = (name, value) => (value ? `&${name}=${encodeURIComponent(value)}` : "");
  const because = () => part("log", log) + part("reason", why && why.value.trim()); // what the API takes too; calls in hand are the pages' alone
  const context = () => part("call", call) + because();
  // What changes anything is sent with the key of this session's forms.
  const send = (address, fields) => fetch(address, { method: "POST", body: new URLSearchParams(fields), headers: formKey ? { "X-Form-Key": formKey } : {} });
  const byItself = { "X-By-Itself": "yes" }; // nobody asked this, so that it keeps no session of a desk that was left
  // A session that is over: sign in, and come back to this page.
  const signedOut = (answer) => {
    if (answer.status !== 401) return false;
    location.assign(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`);
    return true;
  };
  const cards = () => [...document.querySelectorAll(".card")];
  const cardOf = (node) => node && node.closest ? node.closest(".card") : null;

  // ---- while typing: how it is read, streets and places, and people after a pause -----------------------------------
  let shownText = document.querySelector("#results[data-reading]") ? box.value.trim() : ""; // what the cards are for
  let readTimer = 0, searchTimer = 0, readAsk = null, searchAsk = null;
  const draft = () => `draft:${call}`;

  function typed() {
    clearTimeout(readTimer);
    clearTimeout(searchTimer);
    keepDraft(box.value);
    const text = box.value.trim();
    document.body.classList.toggle("older", Boolean(shownText) && text !== shownText);
    if (!text) { showReading({ read_as: [], suggestions: [], problem: "" }); return; }
    readTimer = setTimeout(() => read(text), READ_AFTER);
    if (text.length >= LEAST) searchTimer = setTimeout(() => look(text), SEARCH_AFTER);
  }

  async function read(text) {
    if (readAsk) readAsk.abort();
    readAsk = new AbortController();
    try {
      const answer = await fetch(`/api/v1/reading?q=${encodeURIComponent(text)}${because()}`, { signal: readAsk.signal });
      if (signedOut(answer)) return;
      const told = await answer.json();
      if (box.value.trim() === text) showReading(answer.ok ? told : { read_as: [], suggestions: [], problem: told.detail });
    } catch (error) { if (error.name !== "AbortError") unanswered(); }
  }

  function showReading(told) {
    reading.classList.toggle("bad", Boolean(told.problem));
    reading.textContent = told.problem || (told.read_as.length ? `Read as: ${told.read_as.join(" + ")}` : "");
    list.replaceChildren(...told.suggestions.map((each, place) => {
      const line = document.createElement("li");
      line.id = `suggestion-${place}`;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", "false");
      line.textContent = each.label;
      line.dataset.text = each.text;
      line.addEventListener("mousedown", (event) => { event.preventDefault(); take(line); });
      return line;
    }));
    openList(told.suggestions.length > 0 && document.activeElement === box);
  }

  function openList(open) {
    list.hidden = !open;
    box.setAttribute("aria-expanded", String(open));
    if (!open) box.removeAttribute("aria-activedescendant");
  }

  function chosen() { return list.hidden ? null : list.querySelector('[aria-selected="true"]'); }

  function choose(step) {
    const lines = [...list.children], at = lines.indexOf(chosen());
    const next = at + step;
    lines.forEach((line, place) => line.setAttribute("aria-selected", String(place === next)));
    if (next < 0 || next >= lines.length) { box.removeAttribute("aria-activedescendant"); return next < 0; }
    box.setAttribute("aria-activedescendant", lines[next].id);
    return true;
  }

  function take(line) {
    box.value = line.dataset.text;
    openList(false);
    typed();
  }

  // People on a pause: only while the box has the focus and says the same; a card that is being read never moves.
  async function look(text) {
    if (document.activeElement !== box || text === shownText || reading.classList.contains("bad")) return;
    if (searchAsk) searchAsk.abort();
    searchAsk = new AbortController();
    try {
      const answer = await fetch(`/search?part=results&q=${encodeURIComponent(text)}${context()}`, { signal: searchAsk.signal });
      if (signedOut(answer)) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (document.activeElement !== box || box.value.trim() !== text) return;
      if (!answer.ok) { const told = page.querySelector("[data-problem] .unasked"); notice(told ? told.textContent : "The search was refused."); return; }
      const found = page.getElementById("results");
      main.replaceChildren(found);
      openList(false);
      const strip = page.getElementById("sources");
      if (strip) { const old = byId("sources"); if (old) old.replaceWith(strip); else main.after(strip); }
      shownText = text;
      keepDraft("");
      document.body.classList.remove("older");
      history.replaceState(null, "", `/search?q=${encodeURIComponent(text)}${context()}`);
      document.title = `${text.slice(0, 60)} - Discoverer`;
      reading.textContent = `Read as: ${found.dataset.reading}`;
      say(`${found.dataset.count} found, read as ${found.dataset.reading}`);
    } catch (error) { if (error.name !== "AbortError") unanswered(); }
  }

  function notice(words) {
    reading.classList.add("bad");
    reading.textContent = words;
    say(words);
  }

  function unanswered() { notice("The server does not answer: nothing was searched. What is shown is as it was; try again."); }

  function keepDraft(text) { try { if (text) sessionStorage.setItem(draft(), text); else sessionStorage.removeItem(draft()); } catch { /* a browser that keeps nothing */ } }

  // Enter when what is shown answers what is typed: to the first card, and the call keeps it; else the form is sent.
  function submitted(event) {
    const line = chosen();
    if (line) { event.preventDefault(); take(line); return; }
    clearTimeout(searchTimer);
    keepDraft("");
    if (box.value.trim() && box.value.trim() === shownText) {
      event.preventDefault();
      const kept = new URLSearchParams({ q: shownText });
      if (call) kept.set("call", call);
      send("/calls/keep", kept).then((answer) => belong(answer.headers.get("X-Call"))).catch(unanswered);
      focusCard(0);
    }
  }

  // What was shown on a pause belongs to the call it was kept with: the next search and every page opened from here too.
  function belong(id) {
    if (call || !id) return;
    call = id;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "call", value: id });
    form.append(field);
    const on = (address) => `${address}${address.includes("?") ? "&" : "?"}call=${id}`;
    cards().forEach((card) => { card.dataset.href = on(card.dataset.href); card.dataset.brief = on(card.dataset.brief); });
    main.querySelectorAll('a[href^="/show/"], a[href^="/brief/"]').forEach((link) => {
      const [address, part] = link.getAttribute("href").split("#");
      link.setAttribute("href", on(address) + (part ? `#${part}` : ""));
    });
    history.replaceState(null, "", `/search?q=${encodeURIComponent(shownText)}${context()}`);
  }

  // ---- keys --------------------------------------------------------------------------------------------------------
  function stored() { try { return JSON.parse(localStorage.getItem("keys") || "{}"); } catch { return {}; } }
  function keys() {
    const own = stored();
    if (own.off) return [];
    return [...document.querySelectorAll("#keyhelp tr[data-action]")].map((row) => {
      const { action, key, alt } = row.dataset;
      return { action, key, alt, on: true, ...(own.keys || {})[action] };
    }).filter((each) => each.on);
  }
  let bound = keys();

  function focusCard(place) {
    const all = cards();
    if (place < 0 || !all.length) { box.focus(); return; }
    const card = all[Math.min(place, all.length - 1)];
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start", behavior: "instant" });
    document.querySelectorAll(".index a").forEach((link) => link.classList.toggle("here", link.hash === `#${card.id}`));
  }

  // Without a focused card the first is meant, unless what is typed has not been searched yet.
  function meant(card) {
    if (card) return card;
    if (!document.body.classList.contains("older")) return cards()[0] || null;
    say("What is shown is for what was typed before; press Enter first.");
    return null;
  }

  const click = (card, act) => {
    if (!card) return;
    const link = card && card.querySelector(`[data-act="${act}"]`);
    if (link) link.click(); else say("This card has no such thing.");
  };

  const actions = {
    box() { box.focus(); box.select(); },
    open(card) { if (card) location.assign(card.dataset.href); },
    brief(card) { const of = meant(card); if (of) location.assign(of.dataset.brief); },
    why(card) { const part = (card || cards()[0])?.querySelector("details.why"); if (part) { part.open = !part.open; say(part.open ? part.textContent : "closed"); } else say((card || cards()[0])?.querySelector(".because")?.textContent || "No reason is given."); },
    wrong(card) { click(meant(card), "wrong"); },
    same(card) { click(meant(card), "same"); },
    copy(card) { copy(byId("logtext") ? null : meant(card)); },
    next_call() {
      const calls = [...document.querySelectorAll("#calls .call")];
      const at = calls.findIndex((each) => each.getAttribute("aria-current"));
      if (calls.length) calls[(at + 1) % calls.length].click(); else say("No other call is in hand.");
    },
    beside() {
      const before = [...document.querySelectorAll('#calls .looks a[href^="/search"]')]
        .map((link) => new URL(link.href).searchParams.get("q")).find((text) => text && text !== shownText);
      if (before && shownText) location.assign(`/beside?a=${encodeURIComponent(before)}&b=${encodeURIComponent(shownText)}${context()}`);
      else say("There is no search before this one in this call.");
    },
    sources() { const strip = byId("sources"); if (strip) { strip.focus(); say(strip.textContent.replace(/\s+/g, " ")); } },
    give() { const to = document.querySelector('.giving [name="to"]'); if (to) { to.focus(); say("Call sign, then Enter: briefed now."); } else say("Open a briefing first."); },
    help() { openHelp(help.hidden); },
  };

  async function copy(card) {
    const shown = byId("logtext");
    if (!shown && !card) return;
    try {
      const text = shown ? shown.value : await asked(`${card.dataset.brief}${card.dataset.brief.includes("?") ? "&" : "?"}form=log`);
      await navigator.clipboard.writeText(text);
      document.body.dataset.copied = "yes";
      say("Copied for the log.");
      const mark = byId("copied");
      if (mark) mark.textContent = "Copied for the log.";
    } catch { notice("Nothing was copied; open the briefing, select its text and copy it by hand."); }
  }

  // A text of ours; whatever is not one, an error's page above all, is an error here too.
  async function asked(address, headers = {}) {
    const answer = await fetch(address, { headers });
    const text = answer.ok ? (await answer.text()).trim() : "";
    if (!answer.ok) throw new Error(`refused with ${answer.status}`);
    return text;
  }

  let before = null;
  function openHelp(open) {
    if (open) before = document.activeElement;
    help.hidden = !open;
    if (open) help.querySelector("[data-close]").focus(); else if (before) before.focus();
  }

  function inField(node) { return node && (node.matches("input, textarea, select, summary") || node.isContentEditable); }

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.isComposing || event.getModifierState("AltGraph")) return;
    const card = cardOf(document.activeElement);
    if (event.altKey) { if (altPressed(event, card)) event.preventDefault(); return; }
    if (event.key === "Escape") { escaped(event); return; }
    if (!help.hidden) { kept(event); return; }
    if (document.activeElement === box) { boxPressed(event); return; }
    if (inField(document.activeElement)) return;
    if (card && cardPressed(event, card)) event.preventDefault();
  }

  function altPressed(event, card) {
    const digit = /^Digit([1-9])$/.exec(event.code);
    if (digit) { const place = Number(digit[1]) - 1; if (place < cards().length) focusCard(place); return true; }
    const pressedKey = event.key.toLowerCase();
    const found = bound.find((each) => each.alt.toLowerCase() === pressedKey);
    if (found) actions[found.action](card);
    return Boolean(found);
  }

  function escaped(event) {
    if (!help.hidden) openHelp(false);
    else if (!list.hidden) openList(false);
    else actions.box();
    event.preventDefault();
  }

  function boxPressed(event) {
    if (event.key === "ArrowDown" && !list.hidden) { choose(1); event.preventDefault(); }
    else if (event.key === "ArrowUp" && !list.hidden) { choose(-1); event.preventDefault(); }
    else if (event.key === "ArrowDown" && cards().length) { focusCard(0); event.preventDefault(); }
  }

  function cardPressed(event, card) {
    const at = cards().indexOf(card), onCard = document.activeElement === card;
    if (event.key === "ArrowDown") { focusCard(at + 1); return true; }
    if (event.key === "ArrowUp") { focusCard(at - 1); return true; }
    if (event.key === "Enter" && onCard) { actions.open(card); return true; }
    const found = bound.find((each) => each.key === event.key);
    if (found) actions[found.action](card);
    return Boolean(found);
  }

  // Tab stays within the open help.
  function kept(event) {
    if (event.key !== "Tab") return;
    const stops = [...help.querySelectorAll("a, button")];
    const next = stops[(stops.indexOf(document.activeElement) + (event.shiftKey ? stops.length - 1 : 1)) % stops.length];
    next.focus();
    event.preventDefault();
  }

  // ---- the page of keys --------------------------------------------------------------------------------------------
  function keyPage() {
    const own = byId("keyform");
    if (!own) return;
    const rows = [...own.querySelectorAll("tr[data-action]")], saved = stored(), told = byId("keysaid");
    const part = (row, what) => row.querySelector(`[data-what="${what}"]`);
    rows.forEach((row) => {
      const mine = (saved.keys || {})[row.dataset.action];
      if (!mine) return;
      part(row, "key").value = mine.key;
      part(row, "alt").value = mine.alt;
      part(row, "on").checked = mine.on;
    });
    byId("alloff").checked = Boolean(saved.off);
    own.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosenKeys = rows.map((row) => ({ action: row.dataset.action, key: part(row, "key").value, alt: part(row, "alt").value.toLowerCase(), on: part(row, "on").checked }));
      const used = chosenKeys.filter((each) => each.on);
      const taken = used.find((each) => own.dataset.reserved.includes(each.alt));
      const twice = (what) => used.find((each, place) => used.some((other, at) => at < place && other[what] === each[what]));
      const double = twice("key") || twice("alt");
      if (used.some((each) => !each.key || !each.alt)) { told.textContent = "Not kept: every key that is on needs a character."; return; }
      if (taken) { told.textContent = `Not kept: Alt+${taken.alt.toUpperCase()} is the browser's own.`; return; }
      if (double) { told.textContent = `Not kept: two things have the key ${double.key} or Alt+${double.alt.toUpperCase()}.`; return; }
      localStorage.setItem("keys", JSON.stringify({ off: byId("alloff").checked, keys: Object.fromEntries(chosenKeys.map(({ action, ...rest }) => [action, rest])) }));
      bound = keys();
      told.textContent = "Kept at this seat.";
    });
    own.addEventListener("reset", () => { localStorage.removeItem("keys"); bound = keys(); told.textContent = "As shipped."; });
  }

  // ---- a newer build, or a server gone, said beside what is shown; nothing moves -----------------------------------
  let lastState = "";

  // What was briefed is looked at again when the index has changed, and not otherwise: each is a recorded look.
  async function changedSince(address) {
    let words = "";
    try { words = await asked(`${address}&form=since${context()}`, byItself); } catch {
      flagged("Whether anything changed since this was briefed could not be checked; open the briefing again.", []);
      return false;
    }
    if (words) flagged("Changed since this was briefed:", words.split("\n"));
    return true;
  }

  function flagged(title, lines) {
    const flag = document.createElement("div"), head = document.createElement("strong"), told = document.createElement("ul");
    flag.className = "unasked failed";
    head.textContent = title;
    told.append(...lines.map((each) => { const line = document.createElement("li"); line.textContent = each; return line; }));
    flag.append(head, told);
    byId("changed").replaceChildren(flag);
  }

  // The strip of sources says how each is now, however long the page has stood.
  function strip(sources) {
    const list = document.querySelector("#sources ul");
    if (!list || !sources) return;
    list.replaceChildren(...sources.map((each) => {
      const line = document.createElement("li"), name = document.createElement("b"), words = document.createElement("span");
      line.className = `source ${each.state}`;
      name.textContent = each.name.replaceAll("_", " ");
      words.textContent = each.words;
      line.append(name, " ", words);
      return line;
    }));
  }

  async function watch() {
    const shown = byId("results");
    try {
      const answer = await fetch("/api/v1/status", { headers: byItself });
      if (signedOut(answer)) return;
      if (!answer.ok) { unanswered(); return; }
      const told = (await answer.json()).status, build = told.manifest?.build;
      strip(told.sources);
      const state = JSON.stringify([build, told.layer]);
      const moved = lastState && state !== lastState;
      if (!(moved && shown?.dataset.given) || await changedSince(shown.dataset.given)) lastState = state;
      if (shown && shown.dataset.build && build && build !== shown.dataset.build && shown.dataset.told !== build) {
        shown.dataset.told = build;
        say("A newer build answers now; Enter searches again.");
        document.querySelector(".newer")?.remove();
        const line = document.createElement("p");
        line.className = "notice newer";
        line.textContent = "A newer build answers now; press Enter in the box to search it.";
        (byId("sources") || shown.querySelector(".column"))?.append(line); // always in view, and above it nothing moves
        shownText = "";
      }
    } catch { unanswered(); }
  }

  // The theme changes in place: asking for the page again would be another look.
  async function rethemed(event) {
    event.preventDefault();
    const button = event.submitter, theme = button.value;
    try {
      const answer = await send("/theme", { theme, back: "/keys" });
      if (!answer.ok) throw new Error(`refused with ${answer.status}`);
      document.documentElement.dataset.theme = theme;
      button.value = theme === "dark" ? "light" : "dark";
      button.textContent = theme === "dark" ? "Light" : "Dark";
    } catch { unanswered(); }
  }

  // ---- begin -------------------------------------------------------------------------------------------------------
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-controls", "suggestions");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-expanded", "false");
  box.addEventListener("input", typed);
  box.addEventListener("blur", () => openList(false));
  form.addEventListener("submit", submitted);
  document.addEventListener("keydown", pressed);
  help.querySelector("[data-close]").addEventListener("click", () => openHelp(false));
  document.querySelectorAll("[data-back]").forEach((field) => { field.value = location.pathname + location.search; });
  try { const left = sessionStorage.getItem(draft()); if (left && left.trim() !== box.value.trim()) { box.value = left; document.body.classList.toggle("older", Boolean(shownText)); } } catch { /* kept nothing */ }
  if (!location.hash) { box.focus(); if (location.pathname === "/call") box.select(); else box.setSelectionRange(box.value.length, box.value.length); }
  keyPage();
  const top = document.querySelector(".top"); // cards and the list stop below it, however many calls are in hand
  new ResizeObserver(() => document.documentElement.style.setProperty("--top", `${top.offsetHeight}px`)).observe(top);
  document.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = false; button.addEventListener("click", () => copy(null)); });
  main.querySelectorAll('svg a[href^="/show/"]').forEach((link) => link.setAttribute("href", link.getAttribute("href") + context()));
  document.querySelector(".theme").addEventListener("submit", rethemed);
  document.querySelector(".leaving")?.addEventListener("submit", () => { try { sessionStorage.clear(); } catch { /* kept nothing */ } });
  watch();
  const every = Number(document.documentElement.dataset.watch || ASK_AGAIN);
  setInterval(watch, every);
})();

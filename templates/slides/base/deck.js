/* The deck's engine: turns the slides of a page into a show by keys, clicks and swipes, with notes and an overview. */
(() => {
  "use strict";

  const root = document.documentElement;
  const slides = [...document.querySelectorAll(".slide")];
  const deck = document.querySelector(".deck") || (slides[0] && slides[0].parentElement);
  const WORDS = {
    en: ["Slides", "Previous slide", "Next slide", "All slides", "Speaker notes", "No notes for this slide.", "Next", "The end"],
    de: ["Folien", "Vorherige Folie", "Nächste Folie", "Alle Folien", "Notizen", "Keine Notizen zu dieser Folie.", "Danach", "Ende"],
    fr: ["Diapositives", "Diapositive précédente", "Diapositive suivante", "Toutes les diapositives", "Notes", "Pas de notes pour cette diapositive.", "Ensuite", "Fin"],
    es: ["Diapositivas", "Diapositiva anterior", "Diapositiva siguiente", "Todas las diapositivas", "Notas", "Sin notas para esta diapositiva.", "Después", "Fin"],
    it: ["Diapositive", "Diapositiva precedente", "Diapositiva successiva", "Tutte le diapositive", "Note", "Nessuna nota per questa diapositiva.", "Poi", "Fine"],
    pt: ["Slides", "Slide anterior", "Próximo slide", "Todos os slides", "Notas", "Sem notas para este slide.", "A seguir", "Fim"],
    ru: ["Слайды", "Предыдущий слайд", "Следующий слайд", "Все слайды", "Заметки", "К этому слайду нет заметок.", "Далее", "Конец"],
    zh: ["幻灯片", "上一张", "下一张", "全部幻灯片", "备注", "这张没有备注。", "接下来", "结束"],
    ar: ["الشرائح", "الشريحة السابقة", "الشريحة التالية", "كل الشرائح", "الملاحظات", "لا ملاحظات لهذه الشريحة.", "التالي", "النهاية"],
    id: ["Salindia", "Salindia sebelumnya", "Salindia berikutnya", "Semua salindia", "Catatan", "Tidak ada catatan untuk salindia ini.", "Berikutnya", "Selesai"],
    nl: ["Dia's", "Vorige dia", "Volgende dia", "Alle dia's", "Notities", "Geen notities bij deze dia.", "Hierna", "Einde"],
  };
  const [SLIDES, PREVIOUS, NEXT, ALL, NOTES, NO_NOTES, THEN, END] = WORDS[root.lang.split("-")[0]] || WORDS.en;
  const PRINT = { en: "Print", de: "Drucken", fr: "Imprimer", es: "Imprimir", it: "Stampa", pt: "Imprimir", ru: "Печать", zh: "打印", ar: "طباعة", id: "Cetak", nl: "Afdrukken" };
  const ICONS = {
    print: "M7 8V3h10v5M7 17H4v-7a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v7h-3M7 14h10v7H7z",
    previous: "M15 18l-6-6 6-6",
    next: "M9 18l6-6-6-6",
    all: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z",
    notes: "M5 4h14v12l-4 4H5zM9 9h6M9 13h4",
  };
  const SMALLEST = 0.65;
  const OWN_CLICK = "a, button, input, select, textarea, label, summary, video, audio, iframe, [onclick], [role=button], [contenteditable]";
  const OWN_KEYS = "input, select, textarea, [contenteditable], [role=slider], [role=textbox]";

  const chrome = {};
  let now = 0;
  let columns = 1;
  let started = 0;

  if (document.body.classList.contains("printed")) {
    document.body.append(button("sheet-print", PRINT[root.lang.split("-")[0]] || PRINT.en, ICONS.print, () => print()));
    document.addEventListener("keydown", (event) => isPlain(event) && event.key.toLowerCase() === "p" && print());
    fitSheet();
    addEventListener("resize", fitSheet);
    if (document.fonts) document.fonts.ready.then(fitSheet);
  } else if (document.body.classList.contains("poster")) {
    document.addEventListener("keydown", (event) => isPlain(event) && event.key.toLowerCase() === "t" && turnMode());
  } else if (deck && slides.length) {
    begin();
  }

  function begin() {
    root.classList.add("show");
    slides.forEach((slide, index) => {
      slide.setAttribute("role", "group");
      slide.setAttribute("aria-roledescription", "slide");
      slide.setAttribute("aria-label", `${index + 1} / ${slides.length}`);
    });
    addChrome();
    arrange();
    go(asked(), { quietly: true });
    document.addEventListener("keydown", onKey);
    deck.addEventListener("click", onClick);
    addSwipes();
    addEventListener("resize", arrange);
    addEventListener("hashchange", () => go(asked()));
    addEventListener("beforeprint", beforePrint);
    addEventListener("afterprint", afterPrint);
    if (document.fonts) document.fonts.ready.then(arrange);
    addEventListener("load", arrange);
  }

  /* ---- Where we are ---- */

  function asked() {
    const name = plain(location.hash.slice(1));
    const target = name && !/^\d+$/.test(name) ? document.getElementById(name) : null;
    const index = target ? slides.indexOf(target.closest(".slide")) : Number(name || 1) - 1;
    return index >= 0 ? index : now;
  }

  function plain(name) {
    try {
      return decodeURIComponent(name);
    } catch {
      return name;
    }
  }

  function go(index, { quietly = false } = {}) {
    now = Math.max(0, Math.min(index, slides.length - 1));
    const slide = slides[now];
    slides.forEach((other) => other.classList.toggle("current", other === slide));
    setInert();
    root.classList.toggle("title-slide", slide.classList.contains("title") || slide.classList.contains("section"));
    chrome.bar.style.setProperty("--bar-ink", getComputedStyle(slide).color);
    chrome.bar.style.setProperty("--done", slides.length > 1 ? now / (slides.length - 1) : 1);
    chrome.count.textContent = `${now + 1} / ${slides.length}`;
    chrome.previous.disabled = now === 0;
    chrome.next.disabled = now === slides.length - 1;
    if (!quietly) chrome.live.textContent = `${now + 1} / ${slides.length}: ${titleOf(slide)}`;
    slide.scrollTop = 0;
    showNotes();
    if (root.classList.contains("overview")) slide.scrollIntoView({ block: "nearest" });
    remember();
  }

  function remember() {
    const hash = `#${now + 1}`;
    const named = plain(location.hash.slice(1));
    if (location.hash === hash || (named ? slides[now].id === named : now === 0)) return;
    try {
      history.replaceState(null, "", hash);
    } catch {
      /* a frame without an address of its own: the show goes on without it */
    }
  }

  function titleOf(slide) {
    const heading = slide.querySelector("h1, h2, h3, blockquote");
    return heading ? heading.textContent.trim().replace(/\s+/g, " ") : "";
  }

  /* Only the slide that is shown can be reached; in the overview all can. */
  function setInert() {
    const all = root.classList.contains("overview");
    slides.forEach((slide, index) => {
      slide.inert = !all && index !== now;
    });
  }

  /* ---- How large things are ---- */

  function arrange() {
    const overview = root.classList.contains("overview");
    const panel = chrome.panel.hidden ? 0 : Math.min(260, Math.round(innerHeight * 0.36));
    const width = root.clientWidth || innerWidth;
    const height = innerHeight - panel;
    const portrait = width < innerHeight * 0.9;
    const base = portrait ? (width < 640 ? 560 : 820) : 1280;
    const scale = portrait ? width / base : Math.min(width / 1280, height / 720);
    root.classList.toggle("portrait", portrait);
    root.style.setProperty("--panel", `${panel}px`);
    deck.style.bottom = `${panel}px`;
    if (overview) {
      layOut(width, base, portrait ? base * 1.6 : 720);
    } else {
      setStage(width / scale, height / scale, scale);
    }
    slides.forEach(fit);
  }

  function setStage(width, height, scale) {
    deck.style.setProperty("--stage-w", `${width}px`);
    deck.style.setProperty("--stage-h", `${height}px`);
    deck.style.setProperty("--scale", scale);
  }

  function layOut(width, slideWidth, slideHeight) {
    const gap = 20;
    columns = Math.max(width < 640 ? 2 : 3, Math.round(width / 340));
    const cell = (width - gap * (columns + 1)) / columns;
    const scale = cell / slideWidth;
    const rows = Math.ceil(slides.length / columns);
    setStage(slideWidth, slideHeight, scale);
    slides.forEach((slide, index) => {
      slide.style.setProperty("--x", `${gap + (index % columns) * (cell + gap)}px`);
      slide.style.setProperty("--y", `${gap + Math.floor(index / columns) * (slideHeight * scale + gap)}px`);
    });
    chrome.floor.style.top = `${gap + rows * (slideHeight * scale + gap) + 48}px`;
  }

  /* A slide that holds too much gets smaller type, to a limit; past it, it scrolls. */
  function fit(slide) {
    let size = 1;
    slide.style.setProperty("--fit", size);
    while (isOverfull(slide) && size > SMALLEST) {
      size = Math.max(SMALLEST, size - 0.05);
      slide.style.setProperty("--fit", size.toFixed(2));
    }
    slide.classList.toggle("overfull", isOverfull(slide));
    if (isOverfull(slide)) slide.tabIndex = 0; /* what scrolls must be reached by keys */
    else slide.removeAttribute("tabindex");
  }

  /* The same for a sheet of paper; where its height is free, nothing is too much. */
  function fitSheet() {
    const inner = document.querySelector(".sheet .in");
    if (!inner) return;
    for (let size = 1; size >= 0.45; size -= 0.05) {
      inner.style.setProperty("--fit", size.toFixed(2));
      const parts = [inner, ...inner.children];
      if (parts.every((part) => part.scrollHeight <= part.clientHeight + 2)) return;
    }
  }

  function isOverfull(slide) {
    return slide.scrollHeight > slide.clientHeight + 1 || slide.scrollWidth > slide.clientWidth + 1;
  }

  /* ---- Keys, clicks, swipes ---- */

  function isPlain(event) {
    const target = event.target instanceof Element ? event.target : root;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || target.closest(OWN_KEYS)) return false;
    return !((event.key === " " || event.key === "Enter") && target.closest("a, button, summary, [role=button]"));
  }

  function onKey(event) {
    if (!isPlain(event)) return;
    const overview = root.classList.contains("overview");
    const forward = root.dir === "rtl" ? -1 : 1;
    const moves = {
      ArrowRight: forward,
      ArrowLeft: -forward,
      ArrowDown: overview ? columns : 1,
      ArrowUp: overview ? -columns : -1,
      PageDown: 1,
      PageUp: -1,
      " ": event.shiftKey ? -1 : 1,
      Home: -slides.length,
      End: slides.length,
    };
    const does = { Escape: toggleOverview, n: toggleNotes, t: turnMode, f: fillScreen, p: () => print() };
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (overview && (key === "Enter" || key === " ")) {
      toggleOverview();
    } else if (key in moves) {
      go(now + moves[key]);
    } else if (key in does) {
      does[key]();
    } else {
      return;
    }
    event.preventDefault();
  }

  function onClick(event) {
    const target = event.target instanceof Element ? event.target : deck;
    if (root.classList.contains("overview")) {
      const slide = target.closest(".slide");
      if (!slide) return;
      event.preventDefault();
      now = slides.indexOf(slide);
      toggleOverview();
      return;
    }
    if (event.defaultPrevented || event.button || target.closest(OWN_CLICK) || String(getSelection())) return;
    const across = event.clientX / innerWidth;
    const back = root.dir === "rtl" ? across > 0.8 : across < 0.2;
    go(now + (back ? -1 : 1));
  }

  function addSwipes() {
    let from = null;
    deck.addEventListener("touchstart", (event) => {
      const own = event.target instanceof Element && event.target.closest(OWN_KEYS);
      from = event.touches.length === 1 && !own ? event.touches[0] : null;
    }, { passive: true });
    deck.addEventListener("touchend", (event) => {
      if (!from || root.classList.contains("overview")) return;
      const to = event.changedTouches[0];
      const [x, y] = [to.clientX - from.clientX, to.clientY - from.clientY];
      if (Math.abs(x) < 45 || Math.abs(x) < 1.4 * Math.abs(y)) return;
      go(now + (x < 0 === (root.dir !== "rtl") ? 1 : -1));
    }, { passive: true });
  }

  function toggleOverview() {
    root.classList.toggle("overview");
    arrange();
    deck.scrollTop = 0;
    go(now);
  }

  function turnMode() {
    const dark = root.dataset.mode ? root.dataset.mode === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.mode = dark ? "light" : "dark";
    if (chrome.bar) chrome.bar.style.setProperty("--bar-ink", getComputedStyle(slides[now]).color);
  }

  function fillScreen() {
    const change = document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen && root.requestFullscreen();
    if (change) change.catch(() => {});
  }

  /* ---- Notes ---- */

  function toggleNotes() {
    chrome.panel.hidden = !chrome.panel.hidden;
    root.classList.toggle("notes-open", !chrome.panel.hidden);
    chrome.notes.setAttribute("aria-expanded", String(!chrome.panel.hidden));
    started = started || Date.now();
    arrange();
    showNotes();
  }

  function showNotes() {
    if (chrome.panel.hidden) return;
    const notes = slides[now].querySelector(".notes");
    const following = slides[now + 1];
    chrome.said.replaceChildren(...(notes ? notes.cloneNode(true).childNodes : [NO_NOTES]));
    chrome.following.textContent = following ? `${THEN}: ${titleOf(following)}` : END;
    tick();
  }

  function tick() {
    if (chrome.panel.hidden) return;
    const seconds = Math.floor((Date.now() - started) / 1000);
    chrome.clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  /* ---- Paper: slides as they are on a screen of 16 to 9, with their notes below when those are open ---- */

  function beforePrint() {
    root.classList.remove("portrait", "overview");
    root.classList.toggle("with-notes", !chrome.panel.hidden);
    slides.forEach((slide) => {
      slide.inert = false;
      if (chrome.panel.hidden) return;
      const handout = element("div", "deck-handout");
      const notes = slide.querySelector(".notes");
      handout.append(...(notes ? notes.cloneNode(true).childNodes : []));
      slide.after(handout);
    });
    setStage(1280, 720, 1);
    slides.forEach(fit);
  }

  function afterPrint() {
    document.querySelectorAll(".deck-handout").forEach((handout) => handout.remove());
    root.classList.remove("with-notes");
    arrange();
    setInert();
  }

  /* ---- What is added to the page ---- */

  function addChrome() {
    chrome.bar = element("nav", "deck-bar");
    chrome.bar.setAttribute("aria-label", SLIDES);
    const name = element("span", "deck-name");
    name.textContent = document.title;
    chrome.notes = button("deck-notes", NOTES, ICONS.notes, toggleNotes);
    chrome.notes.setAttribute("aria-expanded", "false");
    chrome.grid = button("deck-grid", ALL, ICONS.all, toggleOverview);
    chrome.previous = button("deck-turn", PREVIOUS, ICONS.previous, () => go(now - 1));
    chrome.next = button("deck-turn", NEXT, ICONS.next, () => go(now + 1));
    chrome.count = element("span", "deck-count");
    chrome.bar.append(name, chrome.notes, chrome.grid, chrome.previous, chrome.count, chrome.next, element("span", "deck-progress"));
    chrome.panel = element("aside", "deck-panel");
    chrome.panel.setAttribute("aria-label", NOTES);
    chrome.panel.hidden = true;
    chrome.said = element("div", "deck-said");
    chrome.said.tabIndex = 0;
    const side = element("div", "deck-next");
    chrome.clock = element("output", "");
    chrome.following = element("span", "");
    side.append(chrome.clock, chrome.following);
    chrome.panel.append(chrome.said, side);
    chrome.live = element("div", "deck-live");
    chrome.live.setAttribute("aria-live", "polite");
    chrome.floor = element("span", "deck-floor");
    deck.append(chrome.floor);
    document.body.append(chrome.panel, chrome.bar, chrome.live);
    setInterval(tick, 1000);
  }

  function button(name, label, path, action) {
    const made = element("button", name);
    made.type = "button";
    made.title = label;
    made.setAttribute("aria-label", label);
    made.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`;
    made.addEventListener("click", action);
    return made;
  }

  function element(tag, name) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    return made;
  }
})();

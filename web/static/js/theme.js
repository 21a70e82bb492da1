// Set before the first paint, so that no page flashes in the other mode. A classic script on purpose: modules wait.
(function () {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  function apply() {
    let choice = "system";
    try {
      choice = localStorage.getItem("protodex.theme") || "system";
    } catch {
      /* storage may be switched off */
    }
    const root = document.documentElement;
    root.dataset.choice = choice;
    root.dataset.theme = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
  }
  window.applyTheme = apply;
  dark.addEventListener("change", apply);
  apply();
})();

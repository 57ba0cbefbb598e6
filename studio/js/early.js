/* Before anything is painted: the theme and language that this browser chose, so that nothing flashes. */
(function () {
  var root = document.documentElement;
  try {
    root.dataset.theme = localStorage.getItem("posegen.theme") || "auto";
    root.lang = localStorage.getItem("posegen.language") || (/^id\b/.test(navigator.language) ? "id" : "en");
  } catch {
    root.dataset.theme = "auto"; // A browser that keeps nothing: its own wishes count.
  }
})();

// Draws each chart of the page anew, with tooltips and a legend to choose from, and puts it in the place of the picture.
// Where anything fails, the picture stays.
const views = [];
let chosen = "";

function show() {
  for (const view of views) view.signal("chosen", chosen).run();
  for (const key of document.querySelectorAll(".legend [data-role]")) {
    key.setAttribute("aria-pressed", String(key.dataset.role === chosen));
  }
}

function swap(picture, drawn) {
  const box = [drawn.getAttribute("width"), drawn.getAttribute("height")];
  drawn.setAttribute("viewBox", drawn.getAttribute("viewBox") || `0 0 ${box[0]} ${box[1]}`);
  for (const name of ["width", "height"]) drawn.removeAttribute(name);
  for (const name of ["role", "aria-labelledby", "class", "width"]) {
    if (picture.hasAttribute(name)) drawn.setAttribute(name, picture.getAttribute(name));
  }
  drawn.style.cssText = "";
  for (const part of drawn.querySelectorAll("[role], [aria-roledescription], [aria-label]")) {
    for (const name of ["role", "aria-roledescription", "aria-label"]) part.removeAttribute(name);
  }
  drawn.prepend(picture.querySelector("desc"));
  picture.replaceWith(drawn);
}

async function draw(source) {
  const picture = document.getElementById(`${source.dataset.chart}-alt`).parentNode;
  const stage = document.createElement("div");
  const options = {
    mode: "vega-lite", ast: true, actions: false, renderer: "svg", defaultStyle: false, hover: false, logLevel: 0,
    tooltip: { disableDefaultStyle: true, id: "chart-tip", sanitize: (value) => String(value).replace(/&/g, "&amp;").replace(/</g, "&lt;") },
  };
  const { view } = await vegaEmbed(stage, JSON.parse(source.textContent), options);
  swap(picture, stage.querySelector("svg"));
  views.push(view);
}

function choose(key) {
  key.tabIndex = 0;
  key.setAttribute("role", "button");
  key.setAttribute("aria-pressed", "false");
  const press = () => { chosen = chosen === key.dataset.role ? "" : key.dataset.role; show(); };
  key.addEventListener("click", press);
  key.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); press(); }
  });
}

Promise.allSettled([...document.querySelectorAll("script[data-chart]")].map(draw)).then(() => {
  if (views.length) document.querySelectorAll(".legend [data-role]").forEach(choose);
  document.documentElement.dataset.charts = String(views.length);
});

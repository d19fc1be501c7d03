"use strict";
// Rows are folded parts with a text to look in; a choice filters by the row's value of its own name.
const rows = [...document.querySelectorAll("details[data-text]")], choices = [...document.querySelectorAll(".filters select")];
const [text, shown, unfold] = ["text", "shown", "unfold"].map(id => document.getElementById(id));
function filter() {
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const row of rows) {
    const fits = choices.every(choice => !choice.value || row.dataset[choice.id] === choice.value) && words.every(word => row.dataset.text.includes(word));
    row.hidden = !fits;
    count += fits;
  }
  shown.textContent = count + " of " + rows.length;
}
function follow() {
  const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (rows.includes(row)) { row.hidden = false; row.open = true; row.scrollIntoView(); }
}
for (const control of [text, ...choices]) control.addEventListener("input", filter);
unfold.addEventListener("click", () => {
  const open = unfold.textContent === "unfold";
  for (const row of rows) if (!row.hidden) row.open = open;
  unfold.textContent = open ? "fold" : "unfold";
});
window.addEventListener("hashchange", follow);
filter();
follow();

// The whole client. Behaviour hangs on data attributes; state lives in the URL or on the server; pages work without it.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// Toasts: the server writes them, into the page or beside a fragment. They go away by themselves, failures when closed.
const toasts = $("#toasts");
const UNDO_TIME = 8000, READ_TIME = 5000;
function age(toast) {
  const life = toast.matches(".fail") ? 0 : $("form", toast) ? UNDO_TIME : READ_TIME;
  const end = () => (toast.matches(":hover, :focus-within") ? setTimeout(end, 2000) : toast.remove());
  if (life) setTimeout(end, life);
}
// What stands outside an open dialog can be neither seen nor pressed: the toasts move into it, and out before it changes.
function settle() {
  const host = $$("dialog:modal").at(-1) ?? document.body;
  if (toasts.parentElement !== host) host.append(toasts);
}
function rescue(changing) {
  if (toasts && changing?.contains(toasts)) document.body.append(toasts);
}
function say(templateId) {
  toasts?.replaceChildren(document.getElementById(templateId).content.cloneNode(true));
}
if (toasts) {
  new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.matches?.(".toast"));
    added.forEach(age);
    if (added.length) settle();
  }).observe(toasts, { childList: true });
  // What is in a live region from the start is not read aloud: put it in again.
  toasts.replaceChildren(...toasts.childNodes);
}
document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast")?.remove());

// A failure of the server is never swapped in (htmx-config); say it, unless the answer brought its own toast.
addEventListener("htmx:response:error", (event) => {
  const { response, text } = event.detail.ctx;
  if (response.status !== 422 && !text?.includes("<hx-partial")) say("toast-broken");
});
addEventListener("htmx:error", (event) => { if (event.detail.ctx && !event.detail.ctx.response) say("toast-offline"); });

// A fragment swapped into a <dialog> opens it; the address bar keeps the deep link (hx-replace-url).
const targetOf = (ctx) => (typeof ctx.target === "string" ? $(ctx.target) : ctx.target);
addEventListener("htmx:before:swap", (event) => rescue(targetOf(event.detail.ctx)));
addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  const dialog = targetOf(ctx)?.closest?.("dialog");
  if (!dialog || ctx.response?.status >= 400 && ctx.response.status !== 422) return;
  if (dialog.open) $("[autofocus]", dialog)?.focus(); else dialog.showModal();
  if (!ctx.sourceElement?.hasAttribute?.("data-opens")) return;
  $$(".is-open").forEach((row) => row.classList.remove("is-open"));
  ctx.sourceElement.closest("tr, li")?.classList.add("is-open");
});
// The server opened it (?panel=…, or without script): make it modal.
$$("dialog[open]").forEach((dialog) => { dialog.removeAttribute("open"); dialog.showModal(); });
const named = new URLSearchParams(location.search).get("dialog");
if (named) { const dialog = document.getElementById(named); if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal(); }
addEventListener("close", (event) => {
  if (!(event.target instanceof HTMLDialogElement)) return;
  rescue(event.target);
  const url = new URL(location);
  ["panel", "dialog"].forEach((name) => url.searchParams.delete(name));
  history.replaceState(history.state, "", url);
  if (event.target.id !== "panel") return;
  $$(".is-open").forEach((row) => row.classList.remove("is-open"));
  event.target.replaceChildren();
}, true);

// Invoker commands, closing on the backdrop and anchored menus, for browsers that do not know them yet.
if (!("commandForElement" in HTMLButtonElement.prototype)) document.addEventListener("click", (event) => {
  const button = event.target.closest("[commandfor]");
  const dialog = button && document.getElementById(button.getAttribute("commandfor"));
  if (dialog) button.getAttribute("command") === "show-modal" ? dialog.showModal() : dialog.close();
});
if (!("closedBy" in HTMLDialogElement.prototype)) document.addEventListener("click", (event) => {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement)) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
});
if (!CSS.supports("position-area", "block-end")) document.addEventListener("click", (event) => {
  const button = event.target.closest("[popovertarget]");
  const menu = button && document.getElementById(button.getAttribute("popovertarget"));
  if (!menu) return;
  const box = button.getBoundingClientRect();
  const below = box.bottom + menu.offsetHeight < innerHeight;
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${below ? box.bottom : Math.max(8, box.top - menu.offsetHeight)}px`;
});

// Rows that are ticked: the bar says how many, in the words that the server wrote for one and for many.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("[data-select-all]")) $$("[data-select]").forEach((row) => { row.checked = box.checked; });
  if (!box.matches("[data-select], [data-select-all]")) return;
  const bar = $("#bulk"), ticked = $$("[data-select]:checked").length;
  if (!bar) return;
  bar.hidden = !ticked;
  $("#bulk-number").textContent = `${ticked} ${ticked > 1 ? bar.dataset.many : bar.dataset.one}`;
});
// A filter that is a <select> or a checkbox sends its form.
document.addEventListener("change", (event) => event.target.closest("[data-submits]")?.form?.requestSubmit());
// A form is sent once: a second press waits for the answer of the first.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 5000);  // the answer may be a file, and the page stays
});
addEventListener("pageshow", () => $$("form[data-sent]").forEach((form) => delete form.dataset.sent));

// "/" jumps to the search of the page, else to the one of the shell.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  const field = [...$$("main [type=search]"), ...$$("[type=search]")].find((input) => input.checkVisibility());
  if (field) { event.preventDefault(); field.focus(); field.select(); }
});

// #s2 in the address, a link of the sentence or of an error opens the step it names, and what holds it.
const openNamed = () => {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  target.scrollIntoView({ block: "nearest" });
};
addEventListener("hashchange", openNamed);
openNamed();
// A choice shows only its own settings: data-cases holds the radio buttons (data-by) and the boxes (data-case="a b").
const showCase = (box) => {
  const chosen = $("[data-by]:checked", box)?.dataset.by;
  $$("[data-case]", box).forEach((part) => { part.hidden = !part.dataset.case.split(" ").includes(chosen); });
};
document.addEventListener("change", (event) => { const box = event.target.closest("[data-cases]"); if (box) showCase(box); });
$$("[data-cases]").forEach(showCase);
addEventListener("htmx:after:swap", () => $$("[data-cases]").forEach(showCase));

// Where the answer says that the reader goes on (data-lands): opened, in view, with the focus.
const land = () => {
  const place = $("[data-lands]");
  if (!place) return;
  place.removeAttribute("data-lands");
  for (let box = place.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "nearest" });
};
addEventListener("htmx:after:swap", land);
land();
// A field of the record is put into the text beside it, where the cursor stands.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-inserts]"), field = button && document.getElementById(button.dataset.into);
  if (!field) return;
  field.setRangeText(button.dataset.inserts, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
// A button's own keys, such as Control+Z, outside of texts: those have their own undo.
document.addEventListener("keydown", (event) => {
  if (!event.ctrlKey && !event.metaKey || event.target.closest("input:not([type=checkbox], [type=radio]), textarea, dialog")) return;
  const keys = ["Control", event.shiftKey && "Shift", event.key.toUpperCase()].filter(Boolean).join("+");
  const button = $(`button[aria-keyshortcuts="${CSS.escape(keys)}"]:not(:disabled)`);
  if (button) { event.preventDefault(); button.click(); }
});

// The current tab is in view on a phone.
$$(".tabs [aria-current]").forEach((tab) => {
  const bar = tab.parentElement;
  bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.clientWidth) / 2;
});

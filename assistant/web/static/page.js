// Runs once, when the side panel is there. `element` is the panel, `trigger` reports to Python,
// `watch` says when Python has drawn the panel anew.
const BUTTONS = { c: "open_source", p: "open_source", f: "drop_filter" };
const OURS = "button.cite, button.headline, button.chip.drop";
let opener = null;

const shown = () => element.querySelector("section.source");

const close = () => {
	const section = shown();
	if (!section || section.hidden) return;
	section.hidden = true;
	const again = opener && document.querySelector(`button[value="${opener}"]`);
	(again || document.querySelector("#question textarea, #question input"))?.focus();
	trigger("close_source", {});
};

document.addEventListener("click", (event) => {
	const button = event.target.closest?.(OURS);
	if (button && /^[cpf]-\d+-\d+$/.test(button.value)) {
		const name = BUTTONS[button.value[0]];
		if (name === "open_source") {
			if (opener === button.value && shown() && !shown().hidden) return present();
			opener = button.value;
			trigger("open_source", { pointer: button.value });
		} else {
			trigger("drop_filter", { pointer: button.value });
		}
	} else if (event.target.closest?.("section.source button.close")) {
		close();
	}
});

document.addEventListener("keydown", (event) => {
	const choosing = event.target.closest?.("[aria-expanded=true]");
	if (event.key === "Escape" && !choosing) close();
});

const present = () => {
	const section = shown();
	if (!section) return;
	const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
	section.focus({ preventScroll: true });
	section.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
	const mark = section.querySelector("mark.cited");
	const body = section.querySelector(".body");
	if (mark) body.scrollTop = mark.offsetTop - body.clientHeight / 3;
};
watch("value", present);

// Gradio names every message by its raw markup and its date boxes are plain text: tidy both, and
// keep the newest question in view until its answer is whole.
let state = "";
const tidy = () => {
	for (const message of document.querySelectorAll("#chat :is([data-testid=bot], [data-testid=user])[aria-label]"))
		message.removeAttribute("aria-label");
	for (const input of document.querySelectorAll(":is(#first-day, #last-day) input[type=text]"))
		Object.assign(input, { type: "date", max: "9999-12-31" }); // else years of six digits
	const asked = document.querySelectorAll("#chat .asked");
	const pending = document.querySelector("#chat .pending") !== null;
	const now = `${asked.length} ${pending}`;
	if (now !== state && asked.length) {
		const log = document.querySelector("#chat [role=log]");
		const top = asked[asked.length - 1].getBoundingClientRect().top;
		log.scrollTop += top - log.getBoundingClientRect().top - 12;
	}
	state = now;
};
new MutationObserver(tidy).observe(document.body, { childList: true, subtree: true });
tidy();

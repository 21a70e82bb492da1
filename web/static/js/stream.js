// A project's events. The browser reconnects and resumes by Last-Event-ID; what was seen already is dropped by its id.

const KINDS = ["build", "spec", "requirement", "file", "step", "check", "release", "preview", "usage", "note"];
const RETRY_MS = 3000;
const SAY_LOST_MS = 1500; // a reconnect that works at once is nobody's concern
const HIDDEN_MS = 30_000; // browsers allow six connections to a site: tabs nobody looks at give theirs back

export function openStream(projectId, { onEvent, onState }) {
  let last = 0;
  let source = null;
  let retry = null;
  let lost = null;
  let hidden = null;

  function connect() {
    source = new EventSource(`/api/projects/${projectId}/events?after=${last}`); // a fresh one knows no Last-Event-ID
    source.onopen = () => {
      clearTimeout(lost);
      lost = null;
      onState("open");
    };
    source.onerror = () => {
      lost ??= setTimeout(() => onState("lost"), SAY_LOST_MS);
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY_MS);
    };
    for (const kind of KINDS) source.addEventListener(kind, receive);
  }

  function disconnect() {
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  function receive(event) {
    const data = JSON.parse(event.data);
    if (data.live) return onEvent(event.type, data); // it has no id: the browser would give it the last one's
    const id = Number(event.lastEventId);
    if (id && id <= last) return;
    last = id || last;
    onEvent(event.type, data);
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(disconnect, HIDDEN_MS);
    else if (!source) connect();
  });
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", (event) => {
    if (event.persisted && !source) connect();
  });
  connect();
}

// A project's events. The browser reconnects and resumes by Last-Event-ID; what was seen already is dropped by its id.

const KINDS = ["build", "spec", "requirement", "file", "step", "check", "release", "preview", "usage", "note"];
const RETRY_MS = 3000;

export function openStream(projectId, { onEvent, onState }) {
  let last = 0;
  let source = null;
  let retry = null;

  function connect() {
    source = new EventSource(`/api/projects/${projectId}/events?after=${last}`); // a fresh one knows no Last-Event-ID
    source.onopen = () => onState("open");
    source.onerror = () => {
      onState("lost");
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY_MS);
    };
    for (const kind of KINDS) source.addEventListener(kind, receive);
  }

  function receive(event) {
    const id = Number(event.lastEventId);
    if (id && id <= last) return;
    last = id || last;
    onEvent(event.type, JSON.parse(event.data));
  }

  connect();
  addEventListener("pagehide", () => { clearTimeout(retry); source.close(); });
  addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
}

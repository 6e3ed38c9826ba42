import "@tandem/client/tab/worker";

// A rejection does not reach the page's `worker.onerror` by itself; an exception does.
self.addEventListener("unhandledrejection", ({ reason }) => {
  throw reason;
});

import "@tandem/client/worker";

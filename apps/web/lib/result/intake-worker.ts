import "@tandem/intake/worker";

"""Times sgemm of the BLAS behind NumPy, on one thread."""

import os

for name in ("OPENBLAS", "OMP", "MKL", "BLIS"):
    os.environ[f"{name}_NUM_THREADS"] = "1"

import time

import numpy as np

from line_server import blas_library, serve

operands = {}


def sgemm(request):
    shape = m, k, n = request["m"], request["k"], request["n"]
    if shape not in operands:
        random = np.random.default_rng(1)
        a = random.standard_normal((m, k), dtype=np.float32)
        b = random.standard_normal((k, n), dtype=np.float32)
        operands.clear()
        operands[shape] = a, b, np.empty((m, n), dtype=np.float32)
    a, b, out = operands[shape]
    started = time.perf_counter()
    np.matmul(a, b, out=out)
    return {"ms": 1000 * (time.perf_counter() - started)}


serve({"numpy": np.__version__, "blas": blas_library()}, {"sgemm": sgemm})

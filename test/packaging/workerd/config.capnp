using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .trainer)],
  # Port 0: any free one. The runner reads which from --control-fd.
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

# What a bundler for Workers leaves: one script, and the prebuilt WebAssembly modules it imports.
const trainer :Workerd.Worker = (
  compatibilityDate = "2026-01-01",
  modules = [
    (name = "worker.js", esModule = embed "dist/worker.js"),
    (name = "adjoint.relaxed.wasm", wasm = embed "dist/adjoint.relaxed.wasm"),
    (name = "adjoint.relaxed.secondary.wasm", wasm = embed "dist/adjoint.relaxed.secondary.wasm"),
  ],
);

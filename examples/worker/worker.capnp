using Workerd = import "/workerd/workerd.capnp";

# The bundle in the folder of this file's copy, as `local.ts` puts it there.
const config :Workerd.Config = (
  services = [(name = "main", worker = .digits)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const digits :Workerd.Worker = (
  compatibilityDate = "2026-01-01",
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "digits.safetensors", data = embed "digits.safetensors"),
    (name = "adjoint.relaxed.wasm", wasm = embed "adjoint.relaxed.wasm"),
    (name = "adjoint.relaxed.secondary.wasm", wasm = embed "adjoint.relaxed.secondary.wasm"),
  ],
);

"""A small server that speaks the OpenAI protocol with real weights from a GGUF file.

`python -m tests.soak.gguf_server FILE PORT`: one request at a time, greedy, on the CPU. For tests
of the protocol with a real model; llama.cpp's server or `transformers serve` do the same faster.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from assistant.offline import go_offline

go_offline()

import torch  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer, TextIteratorStreamer  # noqa: E402

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)


def main(file: Path, port: int) -> None:
    options = {"gguf_file": file.name}
    tokenizer = AutoTokenizer.from_pretrained(str(file.parent), **options)
    model = AutoModelForCausalLM.from_pretrained(
        str(file.parent), **options, dtype=torch.float32
    ).eval()
    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["content-length"])))
            prompt = tokenizer.apply_chat_template(
                body["messages"], chat_template=CHATML, tokenize=False
            )
            inputs = tokenizer(prompt, return_tensors="pt")
            streamer = TextIteratorStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            with one_at_a_time, torch.inference_mode():
                arguments = {
                    **inputs, "streamer": streamer, "do_sample": False,
                    "max_new_tokens": body.get("max_tokens") or 128,
                    "eos_token_id": tokenizer.convert_tokens_to_ids("<|im_end|>"),
                    "pad_token_id": 0,
                }  # fmt: skip
                threading.Thread(target=model.generate, kwargs=arguments, daemon=True).start()
                for text in streamer:
                    self.piece(text)
            self.wfile.write(b"data: [DONE]\n\n")

        def piece(self, text: str) -> None:
            choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
            chunk = {
                "id": "1", "object": "chat.completion.chunk", "created": 1, "model": file.stem,
                "choices": [choice],
            }  # fmt: skip
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

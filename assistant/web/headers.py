"""Response headers that keep the page to itself.

In: an ASGI application. Out: the same with a content security policy and its like on every
response: the browser refuses to load anything from another host, whatever an article says.
Refuses to know: what is served. A response that brings its own keeps it.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio's page has inline scripts and styles and compiles its templates, hence the unsafe-* words.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "form-action 'none'",
        "base-uri 'self'",
        "frame-ancestors 'self'",
    )
)
# JSON is shown by nobody: opened in a tab it may load nothing at all.
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
_REST = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class SecurityHeaders:
    """ASGI middleware; streams pass through unbuffered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_data = "json" in headers.get("content-type", "")
                headers.setdefault("Content-Security-Policy", DATA_POLICY if is_data else POLICY)
                if is_data:
                    headers.setdefault("Cache-Control", "no-store")
                for name, value in _REST.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_guarded if scope["type"] == "http" else send)

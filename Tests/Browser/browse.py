"""One step in a headless Chromium that runs already, over its DevTools protocol.

browse.py PORT-FILE open URL | evaluate EXPRESSION | screenshot FILE WIDTH HEIGHT light|dark | press KEY... | type TEXT
    | tab-to EXPRESSION | unnamed

Prints what came of it as JSON. PORT-FILE is the `DevToolsActivePort` of the browser's profile.
"""
import asyncio
import base64
import json
import sys
import urllib.request

import websockets


# What a key is to the browser; `text` is what it would write.
KEYS = {
    "Tab": {"code": "Tab", "windowsVirtualKeyCode": 9},
    "Enter": {"code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"},
    "Escape": {"code": "Escape", "windowsVirtualKeyCode": 27},
}
# As many presses of Tab as a page may need until what is looked for has the focus.
TABS_MAX = 120
# What people use, and what they look at.
NAMED_ROLES = {"button", "link", "textbox", "checkbox", "combobox", "image", "img", "dialog", "DisclosureTriangle"}


class Page:
    """The first page of the browser."""

    def __init__(self, socket):
        self.socket, self.number = socket, 0

    async def call(self, method, **parameters):
        self.number += 1
        await self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        async for message in self.socket:
            answer = json.loads(message)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']['message']}")
                return answer["result"]
        raise SystemExit(f"{method}: the browser went away")

    async def evaluate(self, expression):
        result = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise SystemExit(result["exceptionDetails"]["exception"].get("description", "an exception"))
        return result["result"].get("value")

    async def press(self, key):
        for kind in ["keyDown", "keyUp"]:
            await self.call("Input.dispatchKeyEvent", type=kind, key=key, **KEYS[key])

    async def tab_to(self, expression):
        """Presses Tab until the expression is true of `document.activeElement`; tells where it went through."""
        visited = []
        while len(visited) < TABS_MAX:
            await self.press("Tab")
            visited.append(await self.evaluate("""(() => {
                const node = document.activeElement, style = getComputedStyle(node), box = node.getBoundingClientRect();
                const isSeen = node.matches(":focus-visible") && style.outlineStyle !== "none" && box.width > 0;
                return { words: (node.textContent || node.id).trim().slice(0, 40), isSeen };
            })()"""))
            if await self.evaluate(f"(({expression}))"):
                return visited
        raise SystemExit(f"Tab never comes to {expression}: {visited}")

    async def unnamed(self):
        """Roles of what has no name for who does not see it."""
        await self.call("Accessibility.enable")
        tree = await self.call("Accessibility.getFullAXTree")
        await self.call("Accessibility.disable")
        nodes = [node for node in tree["nodes"] if not node.get("ignored")]
        named = [node for node in nodes if node.get("role", {}).get("value") in NAMED_ROLES]
        bare = [node["role"]["value"] for node in named if not node.get("name", {}).get("value", "").strip()]
        return {"count": len(named), "unnamed": bare}

    async def screenshot(self, file, width, height, scheme):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        await self.call("Emulation.setEmulatedMedia", features=features)
        metrics = {"width": width, "height": height, "deviceScaleFactor": 2 if width < 600 else 1, "mobile": width < 600}
        await self.call("Emulation.setDeviceMetricsOverride", **metrics)
        # Two frames: the page draws itself again for another width.
        await self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        widest = await self.evaluate("document.documentElement.scrollWidth")
        tallest = await self.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": width, "height": min(tallest, 6000), "scale": 1}
        image = await self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        with open(file, "wb") as output:
            output.write(base64.b64decode(image["data"]))
        await self.call("Emulation.setEmulatedMedia", features=[])
        return widest


async def main(port_file, step, *arguments):
    with open(port_file) as lines:
        port = lines.readline().strip()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
        targets = [target for target in json.load(answer) if target["type"] == "page"]
    async with websockets.connect(targets[0]["webSocketDebuggerUrl"], max_size=1 << 28) as socket:
        page = Page(socket)
        if step == "open":
            await page.call("Page.navigate", url=arguments[0])
            result = None
        elif step == "evaluate":
            result = await page.evaluate(arguments[0])
        elif step == "press":
            result = [await page.press(key) for key in arguments]
        elif step == "type":
            result = await page.call("Input.insertText", text=arguments[0])
        elif step == "tab-to":
            result = await page.tab_to(arguments[0])
        elif step == "unnamed":
            result = await page.unnamed()
        else:
            file, width, height, scheme = arguments
            result = await page.screenshot(file, int(width), int(height), scheme)
    print(json.dumps(result))


asyncio.run(main(*sys.argv[1:]))

// The secret is behind `#`, which nobody but this page sees; it is sent once, and the address is cleared before.
const secret = location.hash.slice(1);
const words = document.getElementById("words");

async function signIn() {
    history.replaceState(null, "", "/sign-in");
    words.textContent = "Signing in …";
    try {
        const answer = await fetch("/session", { method: "POST", body: secret });
        if (answer.ok) return location.replace("/");
        words.textContent = "This link was used or is too old. For a new one, on the device, run";
    } catch {
        words.textContent = "The node does not answer. Is it running? For a new link, on the device, run";
    }
}

if (secret) signIn();
addEventListener("hashchange", () => location.reload());

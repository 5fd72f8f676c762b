import Storage
import SystemPackage

/// The commands that mend an instance, for its root.
struct Mending: Hashable, Sendable {
    var root: FilePath
    /// Process of the node that runs on it.
    var process: Int32?

    /// `iom` with these words, on this root.
    func iom(_ words: String) -> String { "iom \(words) --root \(ShellWord.quoted(root))" }

    /// Opens `iom.toml` in an editor.
    var edit: String { "${EDITOR:-vi} \(ShellWord.quoted(Root(unchecked: root).configuration))" }

    /// Ends the node, if one runs, and starts one.
    func restart() -> String { (process.map { "kill \($0); " } ?? "") + iom("serve") }
}

import Objects

/// `README.md` at the root: the same bytes everywhere and always.
enum Readme {
    static let name = "README.md"

    static let bytes = Array(
        """
        # This folder is your Internet of Me

        Every conversation and file of yours, from all your devices, in one place. It is read-only.

        * `conversations/` - one folder a conversation, one file a day, attachments beside it
        * `contacts/` - one vCard a person
        * `files/` - your own files and folders

        Reading a file whose bytes are on another of your devices fetches them; `ls`, `find` and `du` never do.
        `getfattr -d FILE` tells where its bytes are; `setfattr -n user.iom.pinned -v yes FILE` keeps them here.

        """.utf8
    )

    /// It is as old as its text.
    private static let modified = Timestamp(nanoseconds: 1_767_225_600_000_000_000)

    static let entry = Entry(
        number: FixedEntry.readme,
        parent: FixedEntry.root,
        name: name,
        kind: .document,
        byteCount: bytes.count,
        modified: modified,
        localByteCount: bytes.count
    )
}

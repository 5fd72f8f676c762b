/// The text of the README.md at the top of the tree: what this folder is.
package enum ReadmeText {
    package static let text = """
        # Your Internet of Me

        Your conversations, contacts and files, on all your devices, as one folder. It is read-only.

        - `conversations/` has a folder for each conversation: `about.md`, the newest day as `latest.md`, and a folder for each
          month with a text for each day and what was attached, in order of time (UTC).
        - `contacts/` has a vCard for each person you know.
        - `files/` has your own files and folders.

        What is not on this device is fetched from one of your others when it is read. `du` shows what is here,
        `du --apparent-size` what there is. A backup is `rsync -a` of this folder.

        """
}

import SystemPackage

extension Peer {
    static let bindfs = Peer(contender: .bindfs, programs: ["bindfs"]) { place in
        try place.start(Program("bindfs", "-f", place.source.string, place.mountPoint.string))
        try await place.wait(.bindfs, at: place.mountPoint, .copy(place.source))
    }

    static let squashfuse = Peer(
        contender: .squashfuse,
        programs: ["mksquashfs", "squashfuse_ll"],
        note: "squashfuse is squashfuse_ll, its faster program, with an image that is not compressed"
    ) { place in
        try PlainFile.makeDirectory(place.path("image"))
        let image = place.path("image/tree.squashfs")
        let options = ["-noI", "-noD", "-noF", "-noX", "-no-progress", "-quiet"]
        var making = Program("mksquashfs", place.source.string, image.string)
        making.words += options
        try making.run()
        try place.start(Program("squashfuse_ll", "-f", image.string, place.mountPoint.string))
        try await place.wait(.squashfuse, at: place.mountPoint, .folder(image.removingLastComponent()))
    }

    /// libfuse's example, from Debian's libfuse3-dev, made to splice.
    static let passthrough = Peer(
        contender: .passthrough,
        programs: ["cc", "pkg-config"],
        note: "passthrough_ll: the example of libfuse 3 (Debian has no source of passthrough_hp), built with splice"
    ) { place in
        let source = place.path("passthrough_ll.c")
        let program = place.path("passthrough_ll")
        let examples = "/usr/share/doc/libfuse3-dev/examples"
        // The line goes into lo_init(), where the example wants its capabilities.
        let line =
            #"s/if(conn->capable & FUSE_CAP_EXPORT_SUPPORT)/conn->want |= conn->capable \& "#
            + #"(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);\n&/"#
        let building =
            "sed '\(line)' \(examples)/passthrough_ll.c > \(source) && grep -q SPLICE_WRITE \(source)"
            + " && cc -O2 -w -D_FILE_OFFSET_BITS=64 -I\(examples) \(source) -o \(program)"
            + " $(pkg-config --cflags --libs fuse3)"
        _ = try Program("sh", "-c", building).output()
        let options = "source=\(place.source),cache=always"
        try place.start(Program(program.string, "-f", "-o", options, place.mountPoint.string))
        try await place.wait(.passthrough, at: place.mountPoint, .copy(place.source))
    }
}

extension Contender {
    static let bindfs: Self = "bindfs"
    static let squashfuse: Self = "squashfuse"
    static let passthrough: Self = "passthrough_ll"
}

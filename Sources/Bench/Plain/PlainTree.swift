import Foundation
import SystemPackage

/// Directories of plain files.
enum PlainTree {
    /// The regular files below a directory, in order of their paths.
    static func files(below directory: FilePath) throws -> [FilePath] {
        try FileManager.default.subpathsOfDirectory(atPath: directory.string).sorted().map { directory.appending($0) }
            .filter { path in
                let type = try FileManager.default.attributesOfItem(atPath: path.string)[.type] as? FileAttributeType
                return type == .typeRegular
            }
    }

    /// What a folder has, in no order (readdir(3)).
    static func names(in directory: FilePath) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.string)
    }

    /// A directory and those above it.
    static func makeDirectories(_ path: FilePath) throws {
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    }

    /// Copies files into one new directory, durable on return.
    static func copy(_ files: [FilePath], into directory: FilePath) throws {
        try PlainFile.makeDirectory(directory)
        for (index, file) in files.enumerated() { try PlainFile.copy(file, to: directory.appending("\(index)")) }
        try PlainFile.synchronize(directory)
    }

    static func remove(_ path: FilePath) throws {
        try FileManager.default.removeItem(atPath: path.string)
    }
}

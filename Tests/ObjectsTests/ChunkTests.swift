import Objects
import Testing

/// Where objects are cut, and what lists of chunks are believed.
@Suite struct ChunkTests {
    static let data = SeededRandom(seed: 31).bytes(6 << 20)

    static func list(of bytes: [UInt8], pieces: [Int] = []) -> ChunkList {
        var maker = ChunkListMaker(objectByteCount: bytes.count)
        bytes.withUnsafeBytes { buffer in
            var (start, index) = (0, 0)
            while start < buffer.count {
                let count = pieces.isEmpty ? buffer.count : min(pieces[index % pieces.count], buffer.count - start)
                let isTaken = maker.update(UnsafeRawBufferPointer(rebasing: buffer[start..<start + count]))
                #expect(isTaken)
                (start, index) = (start + count, index + 1)
            }
        }
        return maker.list
    }

    static func hashes(_ list: ChunkList) -> Set<ObjectHash> { Set((0..<list.count).map(list.hash(of:))) }

    @Test func chunksCoverTheObjectAndHaveTheirHashes() {
        for count in [1, 1000, 32 << 10, (32 << 10) + 1, 200_000, 6 << 20] {
            let bytes = Array(Self.data.prefix(count))
            let list = Self.list(of: bytes)
            #expect(list.isComplete && list.byteCount == count)
            var end = 0
            for index in 0..<list.count {
                let range = list.range(of: index)
                #expect(range.lowerBound == end)
                #expect(range.count <= 512 << 10 && (range.count >= 32 << 10 || index == list.count - 1))
                #expect(list.hash(of: index) == ObjectHash(of: bytes[range]))
                #expect(list.index(at: range.lowerBound) == index && list.index(at: range.upperBound - 1) == index)
                end = range.upperBound
            }
            #expect(end == count && list.index(at: count) == nil && list.index(at: -1) == nil)
        }
    }

    @Test func chunksAreAbout128KiBLong() {
        let list = Self.list(of: Self.data)
        #expect((30...80).contains(list.count), "\(list.count)")
    }

    /// Known answer: an instance of another version has to cut alike.
    @Test func theCutsAreThoseOfVersion1() {
        let list = Self.list(of: Self.data)
        #expect(ObjectHash(of: list.encoded).hex == Self.version1Digest)
    }

    static let version1Digest = "3f0d1f38c7f3f8d344c07ab2e3826c6b98953859197c8f52e29023ffd111f912"

    @Test(arguments: [[1 << 20], [65_528], [1, 7, 100_000], [32 << 10], [4096, 3]])
    func piecesOfAnySizeGiveTheSameList(_ pieces: [Int]) {
        let bytes = Array(Self.data.prefix(2 << 20))
        #expect(Self.list(of: bytes, pieces: pieces) == Self.list(of: bytes))
    }

    @Test(arguments: [100, 1 << 20, 3_000_017, (6 << 20) - 5])
    func aByteMoreOrLessChangesFewChunks(_ position: Int) {
        let before = Self.hashes(Self.list(of: Self.data))
        var longer = Self.data
        longer.insert(7, at: position)
        var shorter = Self.data
        shorter.remove(at: position)
        for edited in [longer, shorter] {
            #expect(Self.hashes(Self.list(of: edited)).subtracting(before).count <= 3)
        }
    }

    @Test func zerosAreCutAtTheMost() {
        let list = Self.list(of: [UInt8](repeating: 0, count: 3 << 20))
        #expect(Self.hashes(list).count <= 2)
        #expect(list.isComplete)
    }

    @Test func aListIsReadAsItWasWritten() throws {
        let list = Self.list(of: Self.data)
        let encoded = list.encoded
        #expect(ChunkList(encoded: encoded, objectByteCount: Self.data.count) == list)
        #expect(encoded.count <= ChunkList.encodedByteCountMax(objectByteCount: Self.data.count))
        var decoder = ChunkListDecoder(objectByteCount: Self.data.count)
        for byte in encoded { try decoder.push([byte]) }
        #expect(decoder.list == list)
        #expect(ChunkList(encoded: encoded.dropLast(), objectByteCount: Self.data.count) == nil)
    }

    @Test func listsThatCannotBeAreRefused() {
        let size = 4 << 20
        let header = ChunkList.header(objectByteCount: size)
        func entry(_ count: UInt32) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * UInt32($0))) } + [UInt8](repeating: 1, count: 32)
        }
        func refusal(_ bytes: [UInt8]) -> ChunkListDecoder.Failure? {
            var decoder = ChunkListDecoder(objectByteCount: size)
            do throws(ChunkListDecoder.Failure) { try decoder.push(bytes) } catch { return error }
            return nil
        }
        #expect(refusal([2] + header.dropFirst()) == .version(2))
        #expect(refusal(ChunkList.header(objectByteCount: 5)) == .otherSize(5))
        #expect(refusal([1] + [UInt8](repeating: 0xFF, count: 8)) == .otherSize(.max))
        for count: UInt32 in [0, 1, 32 << 10 - 1, 512 << 10 + 1, .max] {
            #expect(refusal(header + entry(count)) == .entry, "\(count)")
        }
        // Past the end, and after the end.
        let full = (0..<8).flatMap { _ in entry(512 << 10) }
        #expect(refusal(header + full) == nil)
        #expect(refusal(header + full + [0]) == .entry)
        #expect(refusal(header + full + entry(32 << 10)) == .entry)
        #expect(refusal(header + full.dropLast(36) + entry(512 << 10 - 1) + entry(2)) == .entry)
    }

    @Test func anyBytesAreAListOrAnErrorButNeverACrash() {
        let random = SeededRandom(seed: 5)
        let list = Self.list(of: Array(Self.data.prefix(1 << 20))).encoded
        for round in 0..<300 {
            var bytes = round % 3 == 0 ? random.bytes(Int(random.number(below: 400))) : list
            for _ in 0..<3 where !bytes.isEmpty {
                bytes[Int(random.number(below: UInt64(bytes.count)))] = random.bytes(1)[0]
            }
            var decoder = ChunkListDecoder(objectByteCount: 1 << 20)
            _ = try? decoder.push(bytes)
            #expect(decoder.list.coveredByteCount <= 1 << 20)
        }
    }

    @Test func hugeObjectsHaveLongChunksAndBoundedLists() {
        #expect(ChunkSizes(objectByteCount: 1 << 34).byteCountNormal == 128 << 10)
        #expect(ChunkSizes(objectByteCount: (1 << 34) + 1).byteCountNormal == 256 << 10)
        #expect(ChunkSizes(objectByteCount: 1 << 40).countMax(objectByteCount: 1 << 40) <= 524_289)
        #expect(ChunkSizes(objectByteCount: .max).byteCountMax == 32 << 20)
    }
}

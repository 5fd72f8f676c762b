import Objects

/// Four words both sides of a joining show: if a person sees the same on both, nobody stands between them.
///
/// Drawn from SHA-256("iom-join-words" ‖ custodian's instance key ‖ newcomer's instance key ‖ newcomer's sign key),
/// one byte a word.
package struct ConfirmationWords: Hashable, Sendable, CustomStringConvertible {
    package static let count = 4

    package let words: [String]

    package init(custodianKey: [UInt8], newcomerKey: [UInt8], newcomerSignKey: [UInt8]) {
        let hash = ObjectHash(of: Array("iom-join-words".utf8) + custodianKey + newcomerKey + newcomerSignKey)
        words = hash.bytes.prefix(Self.count).map { Self.list[Int($0)] }
    }

    init(custodianKey: [UInt8], joining request: JoinRequest) {
        self.init(
            custodianKey: custodianKey, newcomerKey: request.publicKey, newcomerSignKey: request.publicSignKey)
    }

    package var description: String { words.joined(separator: " ") }

    /// 256 plain words, all different.
    static let list: [String] = """
        acorn actor album alley amber anchor angle ankle apple april apron arena armor arrow ashes atlas attic
        autumn award bacon badge bagel baker bamboo banjo barley basil basket beach beacon beard beaver bench
        berry bishop blanket blossom bonfire border bottle boulder branch bread breeze brick bridge broom
        bucket buffalo bundle butter button cabin cactus camel camera canal candle canoe canvas canyon carbon
        carpet castle cellar cement cereal chalk cherry chess chimney cinema circle citrus clover cobalt
        coconut coffee comet compass copper coral corner cotton cradle crater cricket crystal curtain daisy
        dancer danube daylight delta denim desert diamond dinner dolphin domino donkey dragon drawer drizzle
        dune eagle easel echo eclipse elbow ember engine evening fabric falcon feather fiddle finger flame
        flannel flower forest fossil fountain fox galaxy garden garlic gazelle geyser ginger giraffe glacier
        glider globe goblet gondola granite grape gravel guitar hammer harbor harvest hazel helmet heron hiking
        holly honey horizon hotel iceberg igloo indigo island ivory jacket jaguar jasmine jersey jigsaw juniper
        kayak kettle kitten kiwi ladder lagoon lantern laurel lemon lentil lever library lily linen lizard
        lobster locket lotus lumber magnet mango maple marble market meadow melon mint mirror mitten monsoon
        mountain muffin museum mustard napkin nectar needle nutmeg oasis ocean octave olive onion orbit orchid
        otter oyster paddle palace panda papaya parrot pastry peanut pebble pelican pencil pepper piano picnic
        pigeon pilot planet plum pocket poetry polar pond poppy prairie pumpkin puzzle quartz rabbit radio
        raven ribbon river robin rocket saddle saffron sailor salmon sandal satin scarf shadow silver sunset
        tiger violin willow
        """.split { $0 == " " || $0 == "\n" }.map(String.init)
}

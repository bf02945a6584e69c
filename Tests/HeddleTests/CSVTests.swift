import Testing

@testable import Heddle

struct Flight: Codable, Hashable, Sendable {
    enum Kind: String, Codable, Sendable {
        case long
        case short
    }

    var carrier: String
    var delay: Double?
    var month: Int
    var kind: Kind
}

struct Note: Codable, Hashable, Sendable {
    var text: Text
}

@Suite struct CSVTests {
    private let context: HeddleContext
    private let folder: Folder

    init() throws {
        self.context = try HeddleContext(master: "local[2]")
        self.folder = try Folder()
    }

    private func failure(_ text: String, partitions: Int = 1, _ name: String = "bad.csv") async throws
        -> String
    {
        let path = try self.folder.write(name, text)
        let rows = try await self.context.csv(path, as: Flight.self, partitions: partitions)
        return await #expect(throws: HeddleError.self) { try await rows.count() }?.description ?? ""
    }

    @Test func `rows are read by the names of their columns, however the files are cut`() async throws {
        let header = "month,kind,ignored,delay,carrier\r\n"
        let lines = (0..<200).map {
            "\($0 % 12 + 1),\($0 % 2 == 0 ? "long" : "short"),x,\($0 % 3 == 0 ? "" : "\($0).5"),c\($0)\r\n"
        }
        let expected = (0..<200).map { number in
            Flight(
                carrier: "c\(number)",
                delay: number % 3 == 0 ? nil : Double(number) + 0.5,
                month: number % 12 + 1,
                kind: number % 2 == 0 ? .long : .short
            )
        }
        let path = try self.folder.write("flights.csv", header + lines.joined())
        for partitions in [1, 2, 7, 40] {
            #expect(
                try await self.context.csv(path, as: Flight.self, partitions: partitions).collect()
                    == expected
            )
        }
        // Columns may stand elsewhere in another file; a mark of UTF-8 and empty lines are passed over.
        try self.folder.write("more/1.csv", header + lines[0])
        try self.folder.write("more/2.csv", "\u{FEFF}carrier,month,kind,delay\n\nc9,3,short,NaN\n")
        let rows = try await self.context.csv(self.folder.path("more"), as: Flight.self).collect()
        #expect(rows.map(\.carrier) == ["c0", "c9"] && rows[1].delay?.isNaN == true)
    }

    @Test func `fields in quotes hold separators, quotes and, where that is said, line ends`()
        async throws
    {
        let path = try self.folder.write("notes.csv", "n;text\n1;\"a;b\"\n2;\"say \"\"hi\"\"\"\n3;\n")
        let notes = try await self.context.csv(path, as: Note.self, separator: ";").collect()
        #expect(notes.map(\.text) == ["a;b", "say \"hi\"", ""])
        let long = try self.folder.write("long.csv", "text\n\"one\ntwo\"\nthree\n")
        let lines = try await self.context.csv(long, as: Note.self, multiline: true, partitions: 9)
        #expect(lines.partitionCount == 1)
        #expect(try await lines.collect().map(\.text) == ["one\ntwo", "three"])
        let cut = try await self.context.csv(long, as: Note.self)
        let error = await #expect(throws: HeddleError.self) { try await cut.count() }
        #expect(
            error?.description.contains("line 2: a quote is not closed; where fields hold line ends")
                == true
        )
    }

    @Test func `a malformed line fails the task with the file, the line and what is wrong`()
        async throws
    {
        let good = "carrier,delay,month,kind\n" + String(repeating: "a,1,2,long\n", count: 50)
        for partitions in [1, 5] {
            let number = try await self.failure(good + "b,1,x,long\n", partitions: partitions)
            #expect(number.contains("bad.csv line 52: month is \"x\", which is no Int"), "\(number)")
        }
        #expect(
            try await self.failure(good + "b,late,1,long\n").contains(
                "delay is \"late\", which is no Double"
            )
        )
        #expect(
            try await self.failure(good + "b,1,2\n").contains(
                "there are 3 fields where the first line names 4"
            )
        )
        #expect(try await self.failure(good + "b,1,2,wide\n").contains("line 52"))
        #expect(try await self.failure(good + "b\"c,1,2,long\n").contains("field 1 has a quote in it"))
        #expect(
            try await self.failure(good + "\"b\"c,1,2,long\n").contains(
                "behind the closing quote of field 1"
            )
        )
        #expect(
            try await self.failure("carrier,month,kind\na,1,long\n").contains("there is no column delay")
        )
        #expect(try await self.failure("a,a\n1,2\n").contains("line 1: the column a is there twice"))
    }

    @Test func `another value may stand for nothing`() async throws {
        let path = try self.folder.write("na.csv", "carrier,delay,month,kind\na,NA,1,long\n")
        let rows = try await self.context.csv(path, as: Flight.self, nullValue: "NA").collect()
        #expect(rows == [Flight(carrier: "a", delay: nil, month: 1, kind: .long)])
    }
}

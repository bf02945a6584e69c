import Heddle

/// Groups points around centers that move to the mean of what is nearest to them: the centers, then the sum of the squared
/// distances. A line is a point: numbers between commas.
enum KMeans: Application {
    static let usage = "INPUT CENTERS [ROUNDS]"

    static func run(_ arguments: [String], _ context: HeddleContext) async throws {
        let points = try await context.textFile(try arguments.text(0)).map { Point($0) }.cache()
        var centers = try await points.take(try arguments.count(1))
        for _ in 0..<(try arguments.count(2, or: 10)) {
            let sums = points.map(with: centers) { centers, point in Pair(point.nearest(of: centers), Pair(point, 1)) }
                .reduceByKey { Pair($0.key + $1.key, $0.value + $1.value) }
            // A center that nothing is near stays where it is.
            for sum in try await sums.collect() { centers[sum.key] = sum.value.key / Double(sum.value.value) }
        }
        let cost = try await points.map(with: centers) { centers, point in
            point.squaredDistance(to: centers[point.nearest(of: centers)])
        }.sum()
        for center in centers { print(center.values.map { "\($0)" }.joined(separator: ",")) }
        print("cost \(cost)")
    }
}

struct Point: Codable, Sendable {
    var values: [Double]

    init(values: [Double]) { self.values = values }

    init(_ line: Text) { self.values = line.split(separator: UInt8(ascii: ",")).map { Double($0.trimmed()) ?? .nan } }

    func squaredDistance(to other: Point) -> Double {
        zip(self.values, other.values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }

    func nearest(of centers: [Point]) -> Int {
        let distances = centers.map { self.squaredDistance(to: $0) }
        return distances.indices.min { distances[$0] < distances[$1] } ?? 0
    }

    func dot(_ other: Point) -> Double { zip(self.values, other.values).reduce(0) { $0 + $1.0 * $1.1 } }

    static func + (left: Point, right: Point) -> Point { Point(values: zip(left.values, right.values).map(+)) }

    static func / (point: Point, number: Double) -> Point { Point(values: point.values.map { $0 / number }) }

    static func * (point: Point, number: Double) -> Point { Point(values: point.values.map { $0 * number }) }
}

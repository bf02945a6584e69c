import Foundation
import Heddle

/// Finds weights that tell two classes of points apart, by gradient descent on the mean of the logistic loss, without
/// regularisation: the weights, the last belonging to the constant 1, then how many points they tell rightly. A line is a
/// label, 0 or 1, and numbers, between commas.
enum LogisticRegression: Application {
    static let usage = "INPUT [ROUNDS [RATE]]"

    static func run(_ arguments: [String], _ context: HeddleContext) async throws {
        let rounds = try arguments.count(1, or: 100)
        guard let rate = arguments.count > 2 ? Double(arguments[2]) : 0.1 else { throw WrongArguments() }
        let samples = try await context.textFile(try arguments.text(0)).map { Sample($0) }.cache()
        let count = try await samples.count()
        guard let first = try await samples.first() else { throw WrongArguments("there are no points") }
        var weights = Point(values: Array(repeating: 0, count: first.point.values.count))
        for _ in 0..<rounds {
            let gradient = try await samples.map(with: weights) { weights, sample in
                sample.point * (sample.likelihood(weights) - sample.label)
            }.reduce { $0 + $1 }
            if let gradient { weights = weights + gradient * (-rate / Double(count)) }
        }
        let right = try await samples.filter(with: weights) { weights, sample in
            (sample.likelihood(weights) > 0.5) == (sample.label > 0.5)
        }.count()
        print(weights.values.map { "\($0)" }.joined(separator: ","))
        print("right \(right) of \(count)")
    }
}

struct Sample: Codable, Sendable {
    var label: Double
    var point: Point

    init(_ line: Text) {
        var values = Point(line).values
        self.label = values.isEmpty ? .nan : values.removeFirst()
        self.point = Point(values: values + [1])
    }

    func likelihood(_ weights: Point) -> Double { 1 / (1 + exp(-weights.dot(self.point))) }
}

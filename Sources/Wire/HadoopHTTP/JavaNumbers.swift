/// `number` as Java's `Float.toString` writes it: always with a fraction, with an exponent below 0.001 and from 10^7.
package func javaText(_ number: Float) -> String {
    javaText(shortest: number.description, isNaN: number.isNaN, isInfinite: number.isInfinite, sign: number.sign)
}

/// `number` as Java's `Double.toString` writes it.
package func javaText(_ number: Double) -> String {
    javaText(shortest: number.description, isNaN: number.isNaN, isInfinite: number.isInfinite, sign: number.sign)
}

/// Rearranges Swift's shortest digits, which agree with Java's in value but not in where the exponent begins.
private func javaText(shortest: String, isNaN: Bool, isInfinite: Bool, sign: FloatingPointSign) -> String {
    let minus = sign == .minus && !isNaN ? "-" : ""
    if isNaN { return "NaN" }
    if isInfinite { return minus + "Infinity" }
    let unsigned = shortest.first == "-" ? shortest.dropFirst() : Substring(shortest)
    let halves = unsigned.split(separator: "e")
    let mantissa = halves[0].split(separator: ".", omittingEmptySubsequences: false)
    var digits = Array(mantissa.joined())
    // The decimal point stands before digit number `point`.
    var point = mantissa[0].count + (halves.count > 1 ? Int(halves[1]) ?? 0 : 0)
    while digits.count > 1, digits.first == "0" {
        digits.removeFirst()
        point -= 1
    }
    while digits.count > 1, digits.last == "0" { digits.removeLast() }
    if digits == ["0"] { return minus + "0.0" }
    guard point > -3, point <= 7 else {
        let fraction = digits.count > 1 ? String(digits[1...]) : "0"
        return "\(minus)\(digits[0]).\(fraction)E\(point - 1)"
    }
    if point <= 0 { return minus + "0." + String(repeating: "0", count: -point) + String(digits) }
    if digits.count <= point {
        return minus + String(digits) + String(repeating: "0", count: point - digits.count) + ".0"
    }
    return minus + String(digits[..<point]) + "." + String(digits[point...])
}

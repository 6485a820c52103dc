// Operations on ap_fixed that generated code names where C++ has no operator for them. All are exact unless a type in
// their name says otherwise.
#ifndef TRIGC_ARITHMETIC_H_
#define TRIGC_ARITHMETIC_H_

#include <cstdint>

#include "ap_fixed.h"
#include "ap_int.h"

namespace trigc {

/// The value code * 2^(integer bits - width) of the type T.
template <class T> T from_code(long long code) {
#pragma HLS INLINE
    T value = 0;
    const ap_int<(T::width > 64 ? T::width : 64)> bits = code;
    value.range(T::width - 1, 0) = bits.range(T::width - 1, 0);
    return value;
}

/// left < right. The difference is exact, whatever the two types are.
template <class L, class R> bool is_less(const L &left, const R &right) {
#pragma HLS INLINE
    return (left - right) < 0;
}

/// 1 where left < right, else 0.
template <class L, class R> ap_ufixed<1, 1> less(const L &left, const R &right) {
#pragma HLS INLINE
    return is_less(left, right) ? 1 : 0;
}

/// 1 where both are the same number, else 0.
template <class L, class R> ap_ufixed<1, 1> equal(const L &left, const R &right) {
#pragma HLS INLINE
    return (left - right) == 0 ? 1 : 0;
}

template <class T, class L, class R> T minimum(const L &left, const R &right) {
#pragma HLS INLINE
    if (is_less(right, left)) return T(right);
    return T(left);
}

template <class T, class L, class R> T maximum(const L &left, const R &right) {
#pragma HLS INLINE
    if (is_less(left, right)) return T(right);
    return T(left);
}

template <class T, class C, class L, class R> T select(const C &condition, const L &when_true, const R &when_false) {
#pragma HLS INLINE
    if (condition != 0) return T(when_true);
    return T(when_false);
}

template <class T, class X> T relu(const X &x) {
#pragma HLS INLINE
    if (x < 0) return T(0);
    return T(x);
}

template <class T, class X> T absolute(const X &x) {
#pragma HLS INLINE
    if (x < 0) return T(-x);
    return T(x);
}

/// +1 for x >= 0, else -1.
template <class X> ap_fixed<2, 2> bipolar(const X &x) {
#pragma HLS INLINE
    return x < 0 ? -1 : 1;
}

/// floor(x / 2^lsb), in as many bits as it needs.
template <int lsb, class X> struct floored {
    // One bit more than x has, so that a type without sign keeps its values.
    static const int integer = X::iwidth + 1 > lsb + 1 ? X::iwidth + 1 : lsb + 1;
    static const int width = integer - lsb;
    static ap_int<width> code(const X &x) {
#pragma HLS INLINE
        const ap_fixed<width, integer> whole = x;
        ap_int<width> result;
        result.range(width - 1, 0) = whole.range(width - 1, 0);
        return result;
    }
};

/// Round towards plus infinity to the last bit of T, then overflow as T says.
template <class T, class X> T round_up(const X &x) {
#pragma HLS INLINE
    const int lsb = T::iwidth - T::width;
    typedef ap_fixed<X::width + 2, X::iwidth + 2> negative;
    typedef floored<lsb, negative> whole;
    const ap_fixed<whole::width, whole::integer> down = negative(-x);
    return T(-down);
}

/// Round away from zero to the last bit of T, then overflow as T says.
template <class T, class X> T round_away(const X &x) {
#pragma HLS INLINE
    if (x < 0) return T(x);
    return round_up<T>(x);
}

/// A field of a packed word: the bits of floor(x) from `low` upwards, as a code of T.
template <class T, class X> T field(const X &x, int low) {
#pragma HLS INLINE
    const int width = X::iwidth + 1 > 1 ? X::iwidth + 1 : 1;
    // Wide enough for any field that the compiler lets through, and continued with the sign above the word.
    const ap_int<width + T::width> word = floored<0, X>::code(x);
    T value = 0;
    const ap_int<width + T::width> shifted = word >> low;
    value.range(T::width - 1, 0) = shifted.range(T::width - 1, 0);
    return value;
}

/// The code of a value, in a word with a sign.
template <class X> ap_int<X::width + 1> word(const X &x) {
#pragma HLS INLINE
    return floored<X::iwidth - X::width, X>::code(x);
}

/// The value of T whose code is a word times 2^shift.
template <class T, int shift, int W> T from_word(const ap_int<W> &code) {
#pragma HLS INLINE
    const ap_int<(W + shift > T::width ? W + shift : T::width)> wide = code;
    const ap_int<(W + shift > T::width ? W + shift : T::width)> bits = wide << shift;
    T value = 0;
    value.range(T::width - 1, 0) = bits.range(T::width - 1, 0);
    return value;
}

/// codes[index - first], beyond either end the code there.
template <class C, int W> C entry(const C codes[], int size, long long first, const ap_int<W> &index) {
#pragma HLS INLINE
    if (index - ap_int<64>(first) >= size) return codes[size - 1];
    if (index - ap_int<64>(first) <= 0) return codes[0];
    return codes[int(index - ap_int<64>(first))];
}

/// codes[floor(x / 2^lsb) - first], beyond either end the code there.
template <class T, int lsb, class C, class X> T lookup(const C codes[], long long first, int size, const X &x) {
#pragma HLS INLINE
    const auto code = floored<lsb, X>::code(x);
    int index = 0;
    if (code - ap_int<64>(first) >= size) {
        index = size - 1;
    } else if (code - ap_int<64>(first) > 0) {
        index = int(code - ap_int<64>(first));
    }
    return from_code<T>(codes[index]);
}

/// Roundings of a quotient; as those of ap_fixed, and the two of QONNX that it lacks.
enum rounding { TRN, TRN_ZERO, RND, RND_ZERO, RND_INF, RND_MIN_INF, RND_CONV, CEIL, AWAY };

template <rounding mode> bool rounds_up(bool negative, bool odd, int side) {
#pragma HLS INLINE
    switch (mode) {
    case TRN: return false;
    case TRN_ZERO: return negative;
    case CEIL: return true;
    case AWAY: return !negative;
    case RND: return side >= 0;
    case RND_MIN_INF: return side > 0;
    case RND_ZERO: return side > 0 || (side == 0 && negative);
    case RND_INF: return side > 0 || (side == 0 && !negative);
    case RND_CONV: return side > 0 || (side == 0 && odd);
    }
    return false;
}

/// A code of T that has W bits, overflowing as T says.
template <class T, int W> T overflowing(const ap_int<W> &code) {
#pragma HLS INLINE
    ap_fixed<W, W + T::iwidth - T::width> whole = 0;
    whole.range(W - 1, 0) = code.range(W - 1, 0);
    return T(whole);
}

/// A code that is the same for every x.
template <class T, int W, class X> T constant(const X &, long long code) {
#pragma HLS INLINE
    return overflowing<T, W>(ap_int<W>(code));
}

/// floor((multiplier * code of x + addend) / 2^shift), which a ratio was found to be for every x; W bits hold all of it.
template <class T, int W, class X> T along_line(const X &x, long long multiplier, long long addend, int shift) {
#pragma HLS INLINE
    const ap_int<W> code = floored<X::iwidth - X::width, X>::code(x);
    const ap_int<W> sum = code * ap_int<64>(multiplier) + ap_int<64>(addend);
    return overflowing<T, W>(sum >> shift);
}

/// (numerator * code + offset) / denominator, of which `quotient` is the floor, rounded by the remainder; as a code of T.
template <class T, int W, rounding mode>
T rounded_quotient(const ap_int<W> &product, const ap_int<W> &quotient, long long denominator) {
#pragma HLS INLINE
    const ap_int<W> remainder = product - quotient * ap_int<64>(denominator);
    ap_int<W> rounded = quotient;
    if (remainder != 0) {
        const ap_int<W + 1> excess = ap_int<W + 1>(remainder) * 2 - ap_int<64>(denominator);
        const int side = excess > 0 ? 1 : excess < 0 ? -1 : 0;
        if (rounds_up<mode>(product < 0, quotient[0], side)) rounded = quotient + 1;
    }
    return overflowing<T, W>(rounded);
}

/// (numerator * code of x + offset) / denominator as a code of T, rounded, where a line gives its floor for every x.
template <class T, int W, rounding mode, class X>
T requantize(const X &x, long long numerator, long long offset, long long denominator, long long multiplier,
             long long addend, int shift) {
#pragma HLS INLINE
    const ap_int<W> code = floored<X::iwidth - X::width, X>::code(x);
    const ap_int<W> product = code * ap_int<64>(numerator) + ap_int<64>(offset);
    const ap_int<W> sum = code * ap_int<64>(multiplier) + ap_int<64>(addend);
    return rounded_quotient<T, W, mode>(product, sum >> shift, denominator);
}

/// The same with a divider, for operands so wide that the line has more than 64 bits.
template <class T, int W, rounding mode, class X>
T requantize(const X &x, long long numerator, long long offset, long long denominator) {
#pragma HLS INLINE
    const ap_int<W> code = floored<X::iwidth - X::width, X>::code(x);
    const ap_int<W> product = code * ap_int<64>(numerator) + ap_int<64>(offset);
    const ap_int<W> divisor = denominator;
    ap_int<W> quotient = product / divisor;
    if (product - quotient * divisor < 0) quotient = quotient - 1;
    return rounded_quotient<T, W, mode>(product, quotient, denominator);
}

} // namespace trigc

#endif

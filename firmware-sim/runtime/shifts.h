// Shifts by a variable amount, and division, of which the shift by one is the step. An amount of the width or more
// leaves zeros, or copies of the sign.
#ifndef TRIGC_RUNTIME_SHIFTS_H_
#define TRIGC_RUNTIME_SHIFTS_H_

// A wide amount, cut at a number that shifts everything out.
inline QData trigcAmount(int bits, WDataInP amount) {
    for (int word = 2; word < VL_WORDS_I(bits); ++word) {
        if (amount[word] != 0) return ~QData{0};
    }
    return VL_SET_QW(amount);
}

inline IData VL_SHIFTL_IIQ(int bits, int, int, IData value, QData amount) {
    return amount >= 32 ? 0 : (value << amount) & VL_MASK_I(bits);
}
inline IData VL_SHIFTL_III(int bits, int from, int amountBits, IData value, IData amount) {
    return VL_SHIFTL_IIQ(bits, from, amountBits, value, amount);
}
inline IData VL_SHIFTL_IIW(int bits, int from, int amountBits, IData value, WDataInP amount) {
    return VL_SHIFTL_IIQ(bits, from, amountBits, value, trigcAmount(amountBits, amount));
}
inline QData VL_SHIFTL_QQQ(int bits, int, int, QData value, QData amount) {
    return amount >= 64 ? 0 : (value << amount) & VL_MASK_Q(bits);
}
inline QData VL_SHIFTL_QQI(int bits, int from, int amountBits, QData value, IData amount) {
    return VL_SHIFTL_QQQ(bits, from, amountBits, value, amount);
}
inline QData VL_SHIFTL_QQW(int bits, int from, int amountBits, QData value, WDataInP amount) {
    return VL_SHIFTL_QQQ(bits, from, amountBits, value, trigcAmount(amountBits, amount));
}
TRIGC_WIDE WDataOutP VL_SHIFTL_WWQ(int bits, int, int, WDataOutP out, WDataInP value, QData amount) {
    const int words = VL_WORDS_I(bits);
    if (amount >= static_cast<QData>(bits)) return VL_ZERO_W(bits, out);
    const int skip = static_cast<int>(amount >> 5);
    const int shift = static_cast<int>(amount & 31);
    for (int word = words - 1; word >= 0; --word) {
        const EData low = word > skip ? value[word - skip - 1] : 0;
        const EData high = word >= skip ? value[word - skip] : 0;
        out[word] = shift == 0 ? high : (high << shift) | (low >> (32 - shift));
    }
    return trigcClean(bits, out);
}
TRIGC_WIDE WDataOutP VL_SHIFTL_WWI(int bits, int from, int amountBits, WDataOutP out, WDataInP value, IData amount) {
    return VL_SHIFTL_WWQ(bits, from, amountBits, out, value, amount);
}
TRIGC_WIDE WDataOutP VL_SHIFTL_WWW(int bits, int from, int amountBits, WDataOutP out, WDataInP value, WDataInP amount) {
    return VL_SHIFTL_WWQ(bits, from, amountBits, out, value, trigcAmount(amountBits, amount));
}

inline IData VL_SHIFTR_IIQ(int, int, int, IData value, QData amount) { return amount >= 32 ? 0 : value >> amount; }
inline IData VL_SHIFTR_III(int, int, int, IData value, IData amount) { return amount >= 32 ? 0 : value >> amount; }
inline IData VL_SHIFTR_IIW(int bits, int from, int amountBits, IData value, WDataInP amount) {
    return VL_SHIFTR_IIQ(bits, from, amountBits, value, trigcAmount(amountBits, amount));
}
inline QData VL_SHIFTR_QQQ(int, int, int, QData value, QData amount) { return amount >= 64 ? 0 : value >> amount; }
inline QData VL_SHIFTR_QQI(int, int, int, QData value, IData amount) { return amount >= 64 ? 0 : value >> amount; }
inline QData VL_SHIFTR_QQW(int bits, int from, int amountBits, QData value, WDataInP amount) {
    return VL_SHIFTR_QQQ(bits, from, amountBits, value, trigcAmount(amountBits, amount));
}
TRIGC_WIDE WDataOutP VL_SHIFTR_WWQ(int bits, int, int, WDataOutP out, WDataInP value, QData amount) {
    const int words = VL_WORDS_I(bits);
    if (amount >= static_cast<QData>(bits)) return VL_ZERO_W(bits, out);
    const int skip = static_cast<int>(amount >> 5);
    const int shift = static_cast<int>(amount & 31);
    for (int word = 0; word < words; ++word) {
        const EData low = word + skip < words ? value[word + skip] : 0;
        const EData high = word + skip + 1 < words ? value[word + skip + 1] : 0;
        out[word] = shift == 0 ? low : (low >> shift) | (high << (32 - shift));
    }
    return out;
}
TRIGC_WIDE WDataOutP VL_SHIFTR_WWI(int bits, int from, int amountBits, WDataOutP out, WDataInP value, IData amount) {
    return VL_SHIFTR_WWQ(bits, from, amountBits, out, value, amount);
}
TRIGC_WIDE WDataOutP VL_SHIFTR_WWW(int bits, int from, int amountBits, WDataOutP out, WDataInP value, WDataInP amount) {
    return VL_SHIFTR_WWQ(bits, from, amountBits, out, value, trigcAmount(amountBits, amount));
}

// Arithmetic shifts: the operand has `from` bits, the sign bit the top one of them, the result is cut to `bits`.
inline IData VL_SHIFTRS_IIQ(int bits, int from, int, IData value, QData amount) {
    return static_cast<IData>(trigcSigned(from, value) >> (amount > 31 ? 31 : amount)) & VL_MASK_I(bits);
}
inline IData VL_SHIFTRS_III(int bits, int from, int amountBits, IData value, IData amount) {
    return VL_SHIFTRS_IIQ(bits, from, amountBits, value, amount);
}
inline IData VL_SHIFTRS_IIW(int bits, int from, int amountBits, IData value, WDataInP amount) {
    return VL_SHIFTRS_IIQ(bits, from, amountBits, value, trigcAmount(amountBits, amount));
}
inline QData VL_SHIFTRS_QQQ(int bits, int from, int, QData value, QData amount) {
    return static_cast<QData>(trigcSigned(from, value) >> (amount > 63 ? 63 : amount)) & VL_MASK_Q(bits);
}
inline QData VL_SHIFTRS_QQI(int bits, int from, int amountBits, QData value, IData amount) {
    return VL_SHIFTRS_QQQ(bits, from, amountBits, value, amount);
}
inline QData VL_SHIFTRS_QQW(int bits, int from, int amountBits, QData value, WDataInP amount) {
    return VL_SHIFTRS_QQQ(bits, from, amountBits, value, trigcAmount(amountBits, amount));
}
inline IData VL_SHIFTRS_IQI(int bits, int from, int amountBits, QData value, IData amount) {
    return static_cast<IData>(VL_SHIFTRS_QQQ(bits, from, amountBits, value, amount));
}
TRIGC_WIDE WDataOutP VL_SHIFTRS_WWQ(int bits, int from, int amountBits, WDataOutP out, WDataInP value, QData amount) {
    const bool negative = trigcSignBit(from, value) != 0;
    VL_SHIFTR_WWQ(from, from, amountBits, out, value, amount);
    const int kept = amount >= static_cast<QData>(from) ? 0 : from - static_cast<int>(amount);
    trigcFill(VL_WORDS_I(bits), out, kept, negative);
    return trigcClean(bits, out);
}
TRIGC_WIDE WDataOutP VL_SHIFTRS_WWI(int bits, int from, int amountBits, WDataOutP out, WDataInP value, IData amount) {
    return VL_SHIFTRS_WWQ(bits, from, amountBits, out, value, amount);
}
TRIGC_WIDE WDataOutP VL_SHIFTRS_WWW(int bits, int from, int amountBits, WDataOutP out, WDataInP value, WDataInP amount) {
    return VL_SHIFTRS_WWQ(bits, from, amountBits, out, value, trigcAmount(amountBits, amount));
}

// Long division, a bit of the dividend a step. The arrays on the stack limit the width: more is refused loudly.
constexpr int trigcDivisionWords = 64;
TRIGC_WIDE WDataOutP trigcDivide(int bits, WDataOutP out, WDataInP left, WDataInP right, bool remainder) {
    const int words = VL_WORDS_I(bits);
    if (words >= trigcDivisionWords) __builtin_trap();
    EData rest[trigcDivisionWords] = {};
    EData quotient[trigcDivisionWords] = {};
    if (VL_REDOR_W(words, right) != 0) {
        for (int bit = bits - 1; bit >= 0; --bit) {
            // The rest is below the divisor: doubled it may take one more bit.
            for (int word = words; word > 0; --word) rest[word] = (rest[word] << 1) | (rest[word - 1] >> 31);
            rest[0] = (rest[0] << 1) | VL_BITISSET_W(left, bit);
            if (rest[words] == 0 && VL_LT_W(words, rest, right) != 0) continue;
            VL_SUB_W(words, rest, rest, right);
            rest[words] = 0;
            quotient[bit >> 5] |= EData{1} << (bit & 31);
        }
    }
    return VL_ASSIGN_W(bits, out, remainder ? rest : quotient);
}
TRIGC_WIDE WDataOutP trigcDivideSigned(int bits, WDataOutP out, WDataInP left, WDataInP right, bool remainder) {
    const int words = VL_WORDS_I(bits);
    if (words >= trigcDivisionWords) __builtin_trap();
    EData leftSize[trigcDivisionWords];
    EData rightSize[trigcDivisionWords];
    const bool leftNegative = trigcSignBit(bits, left) != 0;
    const bool rightNegative = trigcSignBit(bits, right) != 0;
    VL_ASSIGN_W(bits, leftSize, left);
    VL_ASSIGN_W(bits, rightSize, right);
    if (leftNegative) trigcClean(bits, VL_NEGATE_W(words, leftSize, left));
    if (rightNegative) trigcClean(bits, VL_NEGATE_W(words, rightSize, right));
    trigcDivide(bits, out, leftSize, rightSize, remainder);
    if (remainder ? leftNegative : leftNegative != rightNegative) VL_NEGATE_INPLACE_W(words, out);
    return trigcClean(bits, out);
}
TRIGC_WIDE WDataOutP VL_DIV_WWW(int bits, WDataOutP out, WDataInP left, WDataInP right) { return trigcDivide(bits, out, left, right, false); }
TRIGC_WIDE WDataOutP VL_MODDIV_WWW(int bits, WDataOutP out, WDataInP left, WDataInP right) { return trigcDivide(bits, out, left, right, true); }
TRIGC_WIDE WDataOutP VL_DIVS_WWW(int bits, WDataOutP out, WDataInP left, WDataInP right) { return trigcDivideSigned(bits, out, left, right, false); }
TRIGC_WIDE WDataOutP VL_MODDIVS_WWW(int bits, WDataOutP out, WDataInP left, WDataInP right) { return trigcDivideSigned(bits, out, left, right, true); }

#endif

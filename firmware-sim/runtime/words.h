// Values of more than 64 bits: logic, arithmetic and comparison word by word. `words` counts 32-bit words, `bits`
// bits. Results go to `out`, which is also returned; it is none of the operands unless a comment says so.
#ifndef TRIGC_RUNTIME_WORDS_H_
#define TRIGC_RUNTIME_WORDS_H_

inline WDataOutP trigcClean(int bits, WDataOutP out) {
    out[VL_WORDS_I(bits) - 1] &= VL_MASK_E(bits);
    return out;
}
inline IData trigcSignBit(int bits, WDataInP value) { return VL_BITISSET_W(value, bits - 1); }
// Fills the bits from `from` to the end of the last of `words` words.
TRIGC_WIDE void trigcFill(int words, WDataOutP out, int from, bool ones) {
    const EData fill = ones ? ~EData{0} : 0;
    int word = from >> 5;
    if (word < words && (from & 31) != 0) {
        out[word] = (out[word] & VL_MASK_E(from)) | (fill & ~VL_MASK_E(from));
        ++word;
    }
    for (; word < words; ++word) out[word] = fill;
}

TRIGC_WIDE WDataOutP VL_ZERO_W(int bits, WDataOutP out) {
    trigcFill(VL_WORDS_I(bits), out, 0, false);
    return out;
}
TRIGC_WIDE WDataOutP VL_ZERO_RESET_W(int bits, WDataOutP out) { return VL_ZERO_W(bits, out); }
TRIGC_WIDE WDataOutP VL_ALLONES_W(int bits, WDataOutP out) {
    trigcFill(VL_WORDS_I(bits), out, 0, true);
    return trigcClean(bits, out);
}
TRIGC_WIDE WDataOutP VL_ASSIGN_W(int bits, WDataOutP out, WDataInP value) {
    for (int word = 0; word < VL_WORDS_I(bits); ++word) out[word] = value[word];
    return out;
}
TRIGC_WIDE WDataOutP VL_CLEAN_WW(int bits, WDataOutP out, WDataInP value) { return trigcClean(bits, VL_ASSIGN_W(bits, out, value)); }

inline void VL_SET_WI(WDataOutP out, IData value) {
    out[0] = value;
    out[1] = 0;
}
inline void VL_SET_WQ(WDataOutP out, QData value) {
    out[0] = static_cast<EData>(value);
    out[1] = static_cast<EData>(value >> 32);
}
inline QData VL_SET_QW(WDataInP value) { return value[0] | (static_cast<QData>(value[1]) << 32); }
inline QData VL_SET_QII(IData high, IData low) { return (static_cast<QData>(high) << 32) | low; }

TRIGC_WIDE WDataOutP VL_EXTEND_WI(int bits, int, WDataOutP out, IData value) {
    VL_ZERO_W(bits, out);
    out[0] = value;
    return out;
}
TRIGC_WIDE WDataOutP VL_EXTEND_WQ(int bits, int, WDataOutP out, QData value) {
    VL_ZERO_W(bits, out);
    VL_SET_WQ(out, value);
    return out;
}
TRIGC_WIDE WDataOutP VL_EXTEND_WW(int bits, int from, WDataOutP out, WDataInP value) {
    VL_ASSIGN_W(from, out, value);
    trigcFill(VL_WORDS_I(bits), out, from, false);
    return out;
}
TRIGC_WIDE WDataOutP VL_EXTENDS_WW(int bits, int from, WDataOutP out, WDataInP value) {
    VL_ASSIGN_W(from, out, value);
    trigcFill(VL_WORDS_I(bits), out, from, trigcSignBit(from, value) != 0);
    return trigcClean(bits, out);
}
TRIGC_WIDE WDataOutP VL_EXTENDS_WQ(int bits, int from, WDataOutP out, QData value) {
    EData words[2];
    VL_SET_WQ(words, value);
    return VL_EXTENDS_WW(bits, from, out, words);
}
TRIGC_WIDE WDataOutP VL_EXTENDS_WI(int bits, int from, WDataOutP out, IData value) { return VL_EXTENDS_WW(bits, from, out, &value); }

// Logic; `out` may be an operand. The complement is not clean.
#define TRIGC_LOGIC(name, operator_) \
    TRIGC_WIDE WDataOutP VL_##name##_W(int words, WDataOutP out, WDataInP left, WDataInP right) { \
        for (int word = 0; word < words; ++word) out[word] = left[word] operator_ right[word]; \
        return out; \
    }
TRIGC_LOGIC(AND, &)
TRIGC_LOGIC(OR, |)
TRIGC_LOGIC(XOR, ^)
#undef TRIGC_LOGIC
TRIGC_WIDE WDataOutP VL_NOT_W(int words, WDataOutP out, WDataInP value) {
    for (int word = 0; word < words; ++word) out[word] = ~value[word];
    return out;
}
TRIGC_WIDE IData VL_CHANGEXOR_W(int words, WDataInP left, WDataInP right) {
    EData changed = 0;
    for (int word = 0; word < words; ++word) changed |= left[word] ^ right[word];
    return changed;
}
TRIGC_WIDE IData VL_REDAND_IW(int bits, WDataInP value) {
    const int last = VL_WORDS_I(bits) - 1;
    EData all = ~EData{0};
    for (int word = 0; word < last; ++word) all &= value[word];
    return all == ~EData{0} && value[last] == VL_MASK_E(bits);
}
TRIGC_WIDE IData VL_REDOR_W(int words, WDataInP value) {
    EData any = 0;
    for (int word = 0; word < words; ++word) any |= value[word];
    return any != 0;
}
TRIGC_WIDE IData VL_REDXOR_W(int words, WDataInP value) {
    EData folded = 0;
    for (int word = 0; word < words; ++word) folded ^= value[word];
    return VL_REDXOR_32(folded);
}
TRIGC_WIDE IData VL_COUNTONES_W(int words, WDataInP value) {
    IData ones = 0;
    for (int word = 0; word < words; ++word) ones += VL_COUNTONES_I(value[word]);
    return ones;
}
inline IData VL_ONEHOT_W(int words, WDataInP value) { return VL_COUNTONES_W(words, value) == 1; }
inline IData VL_ONEHOT0_W(int words, WDataInP value) { return VL_COUNTONES_W(words, value) <= 1; }

// Arithmetic modulo the whole words: not clean. `out` of sum, difference and negation may be an operand.
TRIGC_WIDE WDataOutP VL_ADD_W(int words, WDataOutP out, WDataInP left, WDataInP right) {
    QData carry = 0;
    for (int word = 0; word < words; ++word) {
        carry += static_cast<QData>(left[word]) + right[word];
        out[word] = static_cast<EData>(carry);
        carry >>= 32;
    }
    return out;
}
TRIGC_WIDE WDataOutP VL_SUB_W(int words, WDataOutP out, WDataInP left, WDataInP right) {
    QData carry = 1;
    for (int word = 0; word < words; ++word) {
        carry += static_cast<QData>(left[word]) + static_cast<EData>(~right[word]);
        out[word] = static_cast<EData>(carry);
        carry >>= 32;
    }
    return out;
}
TRIGC_WIDE WDataOutP VL_NEGATE_W(int words, WDataOutP out, WDataInP value) {
    QData carry = 1;
    for (int word = 0; word < words; ++word) {
        carry += static_cast<EData>(~value[word]);
        out[word] = static_cast<EData>(carry);
        carry >>= 32;
    }
    return out;
}
inline void VL_NEGATE_INPLACE_W(int words, WDataOutP value) { VL_NEGATE_W(words, value, value); }
TRIGC_WIDE WDataOutP VL_MUL_W(int words, WDataOutP out, WDataInP left, WDataInP right) {
    for (int word = 0; word < words; ++word) out[word] = 0;
    for (int low = 0; low < words; ++low) {
        QData carry = 0;
        for (int high = 0; low + high < words; ++high) {
            // At most (2^32-1)^2 + 2(2^32-1), which is 2^64-1.
            carry += static_cast<QData>(left[low]) * right[high] + out[low + high];
            out[low + high] = static_cast<EData>(carry);
            carry >>= 32;
        }
    }
    return out;
}
// Operands and result have `bits` bits, and modulo 2^bits signed and unsigned products are one.
TRIGC_WIDE WDataOutP VL_MULS_WWW(int bits, WDataOutP out, WDataInP left, WDataInP right) {
    return trigcClean(bits, VL_MUL_W(VL_WORDS_I(bits), out, left, right));
}

// -1, 0, 1 as the left is below, equal, above.
TRIGC_WIDE int trigcCompare(int words, WDataInP left, WDataInP right) {
    for (int word = words - 1; word >= 0; --word) {
        if (left[word] != right[word]) return left[word] < right[word] ? -1 : 1;
    }
    return 0;
}
TRIGC_WIDE int trigcCompareSigned(int bits, WDataInP left, WDataInP right) {
    const IData leftSign = trigcSignBit(bits, left);
    if (leftSign != trigcSignBit(bits, right)) return leftSign != 0 ? -1 : 1;
    return trigcCompare(VL_WORDS_I(bits), left, right);
}
inline IData VL_EQ_W(int words, WDataInP left, WDataInP right) { return trigcCompare(words, left, right) == 0; }
inline IData VL_NEQ_W(int words, WDataInP left, WDataInP right) { return trigcCompare(words, left, right) != 0; }
inline IData VL_LT_W(int words, WDataInP left, WDataInP right) { return trigcCompare(words, left, right) < 0; }
inline IData VL_LTE_W(int words, WDataInP left, WDataInP right) { return trigcCompare(words, left, right) <= 0; }
inline IData VL_GT_W(int words, WDataInP left, WDataInP right) { return trigcCompare(words, left, right) > 0; }
inline IData VL_GTE_W(int words, WDataInP left, WDataInP right) { return trigcCompare(words, left, right) >= 0; }
inline IData VL_LTS_IWW(int bits, WDataInP left, WDataInP right) { return trigcCompareSigned(bits, left, right) < 0; }
inline IData VL_LTES_IWW(int bits, WDataInP left, WDataInP right) { return trigcCompareSigned(bits, left, right) <= 0; }
inline IData VL_GTS_IWW(int bits, WDataInP left, WDataInP right) { return trigcCompareSigned(bits, left, right) > 0; }
inline IData VL_GTES_IWW(int bits, WDataInP left, WDataInP right) { return trigcCompareSigned(bits, left, right) >= 0; }

TRIGC_WIDE WDataOutP VL_COND_WIWW(int bits, WDataOutP out, int condition, WDataInP whenTrue, WDataInP whenFalse) {
    return VL_ASSIGN_W(bits, out, condition != 0 ? whenTrue : whenFalse);
}

#endif

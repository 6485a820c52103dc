// Operations on values of up to 64 bits.
#ifndef TRIGC_RUNTIME_VALUES_H_
#define TRIGC_RUNTIME_VALUES_H_

constexpr int VL_WORDS_I(int bits) { return (bits + 31) >> 5; }
constexpr IData VL_MASK_I(int bits) { return (bits & 31) == 0 ? ~IData{0} : (IData{1} << (bits & 31)) - 1; }
constexpr EData VL_MASK_E(int bits) { return VL_MASK_I(bits); }
constexpr QData VL_MASK_Q(int bits) { return (bits & 63) == 0 ? ~QData{0} : (QData{1} << (bits & 63)) - 1; }

constexpr int VL_BITWORD_E(int bit) { return bit >> 5; }
constexpr int VL_BITBIT_E(int bit) { return bit & 31; }
constexpr int VL_BITBIT_I(int bit) { return bit & 31; }
constexpr int VL_BITBIT_Q(int bit) { return bit & 63; }
inline IData VL_BITISSET_I(IData data, int bit) { return (data >> VL_BITBIT_I(bit)) & 1; }
inline IData VL_BITISSET_Q(QData data, int bit) { return static_cast<IData>(data >> VL_BITBIT_Q(bit)) & 1; }
inline IData VL_BITISSET_E(EData data, int bit) { return (data >> VL_BITBIT_E(bit)) & 1; }
inline IData VL_BITISSET_W(WDataInP data, int bit) { return VL_BITISSET_E(data[VL_BITWORD_E(bit)], bit); }
inline IData VL_BITISSETLIMIT_W(WDataInP data, uint32_t width, uint32_t bit) {
    return bit < width ? VL_BITISSET_W(data, static_cast<int>(bit)) : 0;
}

// A pattern of `bits` bits read as two's complement.
inline int32_t trigcSigned(int bits, IData value) { return static_cast<int32_t>(value << (32 - bits)) >> (32 - bits); }
inline int64_t trigcSigned(int bits, QData value) { return static_cast<int64_t>(value << (64 - bits)) >> (64 - bits); }

inline IData VL_CLEAN_II(int bits, int, IData value) { return value & VL_MASK_I(bits); }
inline QData VL_CLEAN_QQ(int bits, int, QData value) { return value & VL_MASK_Q(bits); }
inline IData VL_EXTEND_II(int, int, IData value) { return value; }
inline QData VL_EXTEND_QI(int, int, IData value) { return value; }
inline QData VL_EXTEND_QQ(int, int, QData value) { return value; }

// Extension copies the sign up to the top of the type: the result is not clean, the operand need not be.
inline IData VL_EXTENDS_II(int, int bits, IData value) { return static_cast<IData>(trigcSigned(bits, value)); }
inline QData VL_EXTENDS_QI(int, int bits, QData value) { return static_cast<QData>(trigcSigned(bits, value)); }
inline QData VL_EXTENDS_QQ(int, int bits, QData value) { return static_cast<QData>(trigcSigned(bits, value)); }

inline IData VL_NEGATE_I(IData value) { return -value; }
inline QData VL_NEGATE_Q(QData value) { return -value; }

inline IData VL_REDAND_II(int bits, IData value) { return value == VL_MASK_I(bits); }
inline IData VL_REDAND_IQ(int bits, QData value) { return value == VL_MASK_Q(bits); }
inline IData VL_REDOR_I(IData value) { return value != 0; }
inline IData VL_REDOR_Q(QData value) { return value != 0; }
// Operands of any width up to the one in the name.
inline IData VL_REDXOR_32(IData value) { return static_cast<IData>(__builtin_parity(value)); }
inline IData VL_REDXOR_2(IData value) { return VL_REDXOR_32(value); }
inline IData VL_REDXOR_4(IData value) { return VL_REDXOR_32(value); }
inline IData VL_REDXOR_8(IData value) { return VL_REDXOR_32(value); }
inline IData VL_REDXOR_16(IData value) { return VL_REDXOR_32(value); }
inline IData VL_REDXOR_64(QData value) { return static_cast<IData>(__builtin_parityll(value)); }

inline IData VL_COUNTONES_I(IData value) { return static_cast<IData>(__builtin_popcount(value)); }
inline IData VL_COUNTONES_Q(QData value) { return static_cast<IData>(__builtin_popcountll(value)); }
inline IData VL_ONEHOT_I(IData value) { return value != 0 && (value & (value - 1)) == 0; }
inline IData VL_ONEHOT_Q(QData value) { return value != 0 && (value & (value - 1)) == 0; }
inline IData VL_ONEHOT0_I(IData value) { return (value & (value - 1)) == 0; }
inline IData VL_ONEHOT0_Q(QData value) { return (value & (value - 1)) == 0; }

#define TRIGC_COMPARE_SIGNED(name, operator_) \
    inline IData VL_##name##S_III(int bits, IData left, IData right) { \
        return trigcSigned(bits, left) operator_ trigcSigned(bits, right); \
    } \
    inline IData VL_##name##S_IQQ(int bits, QData left, QData right) { \
        return trigcSigned(bits, left) operator_ trigcSigned(bits, right); \
    }
TRIGC_COMPARE_SIGNED(LT, <)
TRIGC_COMPARE_SIGNED(LTE, <=)
TRIGC_COMPARE_SIGNED(GT, >)
TRIGC_COMPARE_SIGNED(GTE, >=)
#undef TRIGC_COMPARE_SIGNED

// Products of signed operands have the low bits of unsigned ones once both are extended. Not clean.
inline IData VL_MULS_III(int bits, IData left, IData right) {
    return static_cast<IData>(trigcSigned(bits, left)) * static_cast<IData>(trigcSigned(bits, right));
}
inline QData VL_MULS_QQQ(int bits, QData left, QData right) {
    return static_cast<QData>(trigcSigned(bits, left)) * static_cast<QData>(trigcSigned(bits, right));
}

// Division by zero is all x in Verilog; zero is as good a value as any.
inline IData VL_DIV_III(int, IData left, IData right) { return right == 0 ? 0 : left / right; }
inline QData VL_DIV_QQQ(int, QData left, QData right) { return right == 0 ? 0 : left / right; }
inline IData VL_MODDIV_III(int, IData left, IData right) { return right == 0 ? 0 : left % right; }
inline QData VL_MODDIV_QQQ(int, QData left, QData right) { return right == 0 ? 0 : left % right; }

// Signed division truncates towards zero, the remainder has the sign of the dividend. Not clean. In magnitudes: the
// quotient of the smallest number by -1 overflows in C++.
template <class Value> Value trigcDivideSigned(int bits, Value left, Value right, bool remainder) {
    if (right == 0) return 0;
    const bool leftNegative = trigcSigned(bits, left) < 0;
    const bool rightNegative = trigcSigned(bits, right) < 0;
    const Value leftSize = static_cast<Value>(trigcSigned(bits, left)) * (leftNegative ? ~Value{0} : Value{1});
    const Value rightSize = static_cast<Value>(trigcSigned(bits, right)) * (rightNegative ? ~Value{0} : Value{1});
    const Value size = remainder ? leftSize % rightSize : leftSize / rightSize;
    const bool negative = remainder ? leftNegative : leftNegative != rightNegative;
    return negative ? Value{0} - size : size;
}
inline IData VL_DIVS_III(int bits, IData left, IData right) { return trigcDivideSigned<IData>(bits, left, right, false); }
inline QData VL_DIVS_QQQ(int bits, QData left, QData right) { return trigcDivideSigned<QData>(bits, left, right, false); }
inline IData VL_MODDIVS_III(int bits, IData left, IData right) { return trigcDivideSigned<IData>(bits, left, right, true); }
inline QData VL_MODDIVS_QQQ(int bits, QData left, QData right) { return trigcDivideSigned<QData>(bits, left, right, true); }

#endif

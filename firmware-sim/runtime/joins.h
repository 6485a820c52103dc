// Parts of values and values from parts: concatenation, replication, selection, assignment to a selection, constants.
#ifndef TRIGC_RUNTIME_JOINS_H_
#define TRIGC_RUNTIME_JOINS_H_

// Writes `count` bits of `value`, clean or not, over the bits of `out` from `low`.
TRIGC_WIDE void trigcInsert(WDataOutP out, int low, int count, WDataInP value) {
    for (int done = 0; done < count; done += 32) {
        const int bits = count - done < 32 ? count - done : 32;
        const EData piece = value[done >> 5] & VL_MASK_E(bits);
        const EData mask = VL_MASK_E(bits);
        const int word = (low + done) >> 5;
        const int shift = (low + done) & 31;
        out[word] = (out[word] & ~(mask << shift)) | (piece << shift);
        if (shift + bits > 32) out[word + 1] = (out[word + 1] & ~(mask >> (32 - shift))) | (piece >> (32 - shift));
    }
}
// The bits of `value` from `low`, up to 64 of them; those above its last word are zero.
TRIGC_WIDE QData trigcExtract(int bits, WDataInP value, int low, int count) {
    const int words = VL_WORDS_I(bits);
    const int word = low >> 5;
    const int shift = low & 31;
    QData found = 0;
    for (int index = 0; index < 3 && word + index < words; ++index) {
        const int place = 32 * index - shift;
        if (place >= 64) break;
        const QData piece = value[word + index];
        found |= place < 0 ? piece >> -place : piece << place;
    }
    return found & VL_MASK_Q(count);
}

// {high, low}, `lowBits` of them in `low`.
inline IData VL_CONCAT_III(int, int, int lowBits, IData high, IData low) { return (high << lowBits) | low; }
inline QData VL_CONCAT_QQQ(int, int, int lowBits, QData high, QData low) { return (high << lowBits) | low; }
inline QData VL_CONCAT_QII(int, int, int lowBits, IData high, IData low) { return (static_cast<QData>(high) << lowBits) | low; }
inline QData VL_CONCAT_QIQ(int, int, int lowBits, IData high, QData low) { return (static_cast<QData>(high) << lowBits) | low; }
inline QData VL_CONCAT_QQI(int, int, int lowBits, QData high, IData low) { return (high << lowBits) | low; }
TRIGC_WIDE WDataOutP VL_CONCAT_WWW(int bits, int highBits, int lowBits, WDataOutP out, WDataInP high, WDataInP low) {
    VL_EXTEND_WW(bits, lowBits, out, low);
    trigcInsert(out, lowBits, highBits, high);
    return out;
}
// An operand of one or two words as an array of words.
struct TrigcWords {
    EData words[2];
    TrigcWords(IData value) : words{value, 0} {}
    TrigcWords(QData value) : words{static_cast<EData>(value), static_cast<EData>(value >> 32)} {}
    operator WDataInP() const { return words; }
};
#define TRIGC_CONCAT(name, High, high, Low, low) \
    TRIGC_WIDE WDataOutP VL_CONCAT_W##name(int bits, int highBits, int lowBits, WDataOutP out, High left, Low right) { \
        return VL_CONCAT_WWW(bits, highBits, lowBits, out, high(left), low(right)); \
    }
TRIGC_CONCAT(II, IData, TrigcWords, IData, TrigcWords)
TRIGC_CONCAT(IQ, IData, TrigcWords, QData, TrigcWords)
TRIGC_CONCAT(IW, IData, TrigcWords, WDataInP, WDataInP)
TRIGC_CONCAT(QI, QData, TrigcWords, IData, TrigcWords)
TRIGC_CONCAT(QQ, QData, TrigcWords, QData, TrigcWords)
TRIGC_CONCAT(QW, QData, TrigcWords, WDataInP, WDataInP)
TRIGC_CONCAT(WI, WDataInP, WDataInP, IData, TrigcWords)
TRIGC_CONCAT(WQ, WDataInP, WDataInP, QData, TrigcWords)
#undef TRIGC_CONCAT

// `count` copies of the `bits` bits of a value. O stands for an operand of one bit.
inline QData trigcReplicate(int bits, QData value, IData count) {
    QData copies = 0;
    for (IData copy = 0; copy < count; ++copy) copies |= value << (static_cast<int>(copy) * bits);
    return copies;
}
inline IData VL_REPLICATE_III(int bits, IData value, IData count) { return static_cast<IData>(trigcReplicate(bits, value, count)); }
inline QData VL_REPLICATE_QII(int bits, IData value, IData count) { return trigcReplicate(bits, value, count); }
inline IData VL_REPLICATE_IOI(int, IData value, IData) { return -value; }
inline QData VL_REPLICATE_QOI(int, QData value, IData) { return -value; }
TRIGC_WIDE WDataOutP VL_REPLICATE_WWI(int bits, WDataOutP out, WDataInP value, IData count) {
    const int copies = static_cast<int>(count);
    VL_ZERO_W(bits * copies, out);
    for (int copy = 0; copy < copies; ++copy) trigcInsert(out, copy * bits, bits, value);
    return out;
}
TRIGC_WIDE WDataOutP VL_REPLICATE_WII(int bits, WDataOutP out, IData value, IData count) { return VL_REPLICATE_WWI(bits, out, TrigcWords(value), count); }
TRIGC_WIDE WDataOutP VL_REPLICATE_WQI(int bits, WDataOutP out, QData value, IData count) { return VL_REPLICATE_WWI(bits, out, TrigcWords(value), count); }

// `count` bits of a value of `bits` bits, from `low`. What lies outside the value is x in Verilog, here zero.
inline IData VL_SEL_IIII(int, IData value, IData low, IData count) { return low > 31 ? 0 : (value >> low) & VL_MASK_I(static_cast<int>(count)); }
inline QData VL_SEL_QQII(int, QData value, IData low, IData count) { return low > 63 ? 0 : (value >> low) & VL_MASK_Q(static_cast<int>(count)); }
inline IData VL_SEL_IQII(int bits, QData value, IData low, IData count) { return static_cast<IData>(VL_SEL_QQII(bits, value, low, count)); }
inline QData VL_SEL_QWII(int bits, WDataInP value, IData low, IData count) {
    return low >= static_cast<IData>(bits) ? 0 : trigcExtract(bits, value, static_cast<int>(low), static_cast<int>(count));
}
inline IData VL_SEL_IWII(int bits, WDataInP value, IData low, IData count) { return static_cast<IData>(VL_SEL_QWII(bits, value, low, count)); }
TRIGC_WIDE WDataOutP VL_SEL_WWII(int outBits, int bits, WDataOutP out, WDataInP value, IData low, IData count) {
    for (int word = 0; word < VL_WORDS_I(outBits); ++word) out[word] = VL_SEL_IWII(bits, value, low + 32 * static_cast<IData>(word), 32);
    trigcFill(VL_WORDS_I(outBits), out, static_cast<int>(count), false);
    return out;
}
// From bit `index` up; only the lowest bit of the result counts.
inline IData VL_BITSEL_IIII(int, IData value, IData index) { return index > 31 ? 0 : value >> index; }
inline IData VL_BITSEL_IQII(int, QData value, IData index) { return index > 63 ? 0 : static_cast<IData>(value >> index); }
inline QData VL_BITSEL_QQII(int, QData value, IData index) { return index > 63 ? 0 : value >> index; }
inline IData VL_BITSEL_IWII(int bits, WDataInP value, IData index) { return index >= static_cast<IData>(bits) ? 0 : value[index >> 5] >> (index & 31); }
inline EData VL_BITRSHIFT_W(WDataInP value, int bit) { return value[VL_BITWORD_E(bit)] >> VL_BITBIT_E(bit); }

// Assignment of `count` bits (the first argument) to the bits of a variable of `bits` bits from `low`.
template <class Variable> void VL_ASSIGNSEL_II(int count, int, int low, Variable& variable, IData value) {
    const IData mask = VL_MASK_I(count) << low;
    variable = static_cast<Variable>((variable & ~mask) | ((value << low) & mask));
}
inline void VL_ASSIGNSEL_QQ(int count, int, int low, QData& variable, QData value) {
    const QData mask = VL_MASK_Q(count) << low;
    variable = (variable & ~mask) | ((value << low) & mask);
}
inline void VL_ASSIGNSEL_QI(int count, int bits, int low, QData& variable, IData value) { VL_ASSIGNSEL_QQ(count, bits, low, variable, value); }
inline void VL_ASSIGNSEL_WW(int count, int, int low, WDataOutP variable, WDataInP value) { trigcInsert(variable, low, count, value); }
inline void VL_ASSIGNSEL_WI(int count, int, int low, WDataOutP variable, IData value) { trigcInsert(variable, low, count, TrigcWords(value)); }
inline void VL_ASSIGNSEL_WQ(int count, int, int low, WDataOutP variable, QData value) { trigcInsert(variable, low, count, TrigcWords(value)); }
template <class Variable> void VL_ASSIGNBIT_II(int bit, Variable& variable, IData value) { VL_ASSIGNSEL_II(1, 0, bit, variable, value); }
inline void VL_ASSIGNBIT_QI(int bit, QData& variable, QData value) { VL_ASSIGNSEL_QQ(1, 0, bit, variable, value); }
inline void VL_ASSIGNBIT_WI(int bit, WDataOutP variable, IData value) { VL_ASSIGNSEL_WI(1, 0, bit, variable, value); }
template <class Variable> void VL_ASSIGNBIT_IO(int bit, Variable& variable) { variable = static_cast<Variable>(variable | (IData{1} << bit)); }
inline void VL_ASSIGNBIT_QO(int bit, QData& variable) { variable |= QData{1} << bit; }
inline void VL_ASSIGNBIT_WO(int bit, WDataOutP variable) { variable[VL_BITWORD_E(bit)] |= EData{1} << VL_BITBIT_E(bit); }

// Constants, the most significant word first. The words above them are zero, up to `bits`.
template <class... Words> TRIGC_WIDE WDataOutP trigcConstant(int words, WDataOutP out, Words... listed) {
    const EData high[] = {static_cast<EData>(listed)...};
    const int count = static_cast<int>(sizeof...(listed));
    for (int word = 0; word < count; ++word) out[word] = high[count - 1 - word];
    for (int word = count; word < words; ++word) out[word] = 0;
    return out;
}
#define TRIGC_CONSTANT(count) \
    template <class... Words> TRIGC_WIDE WDataOutP VL_CONST_W_##count##X(int bits, WDataOutP out, Words... words) { \
        static_assert(sizeof...(words) == count, "a constant of " #count " words"); \
        return trigcConstant(VL_WORDS_I(bits), out, words...); \
    } \
    template <class... Words> TRIGC_WIDE WDataOutP VL_CONSTHI_W_##count##X(int bits, int low, WDataOutP out, Words... words) { \
        static_assert(sizeof...(words) == count, "a constant of " #count " words"); \
        trigcConstant(VL_WORDS_I(bits) - (low >> 5), out + (low >> 5), words...); \
        return out; \
    }
TRIGC_CONSTANT(1)
TRIGC_CONSTANT(2)
TRIGC_CONSTANT(3)
TRIGC_CONSTANT(4)
TRIGC_CONSTANT(5)
TRIGC_CONSTANT(6)
TRIGC_CONSTANT(7)
TRIGC_CONSTANT(8)
#undef TRIGC_CONSTANT
template <class... Words> void VL_CONSTLO_W_8X(int low, WDataOutP out, Words... words) {
    static_assert(sizeof...(words) == 8, "a constant of 8 words");
    trigcConstant(8, out + (low >> 5), words...);
}

#endif

// The part of Verilator's run-time interface that the C++ it generates for a synthesisable design without real
// numbers, strings and system tasks calls: written for that code (Verilator 5, `--cc --x-assign unique --x-initial
// unique`), free of any library, the same for WebAssembly and for native compilers. What is not here is not
// supported: the generated code then does not compile, and the compiler's message names what is missing.
//
// Conventions of the generated code. A value of up to 8, 16, 32, 64 bits is a CData, SData, IData, QData; a wider one
// is a VlWide of 32-bit words, least significant first. A value is clean when the bits above its width are zero.
// Operands are clean; results are clean unless the comment at a function says otherwise. In the letters that end a
// name, I, Q, W stand for a result or an operand of up to 32, up to 64, more bits.
#ifndef TRIGC_RUNTIME_VERILATED_H_
#define TRIGC_RUNTIME_VERILATED_H_

using uint8_t = __UINT8_TYPE__;
using uint16_t = __UINT16_TYPE__;
using uint32_t = __UINT32_TYPE__;
using uint64_t = __UINT64_TYPE__;
using int32_t = __INT32_TYPE__;
using int64_t = __INT64_TYPE__;
using size_t = __SIZE_TYPE__;

using CData = uint8_t;
using SData = uint16_t;
using IData = uint32_t;
using QData = uint64_t;
using EData = uint32_t;
using WData = EData;
using WDataInP = const WData*;
using WDataOutP = WData*;

// Plain arrays in a structure, so that constant tables need no constructor. Both index with any integer type: a
// conversion would compete with the one to a pointer.
template <size_t Words> struct VlWide {
    EData m_storage[Words];
    template <class Index> EData& operator[](Index index) { return m_storage[index]; }
    template <class Index> const EData& operator[](Index index) const { return m_storage[index]; }
    operator WDataOutP() { return m_storage; }
    operator WDataInP() const { return m_storage; }
};

template <class Value, size_t Depth> struct VlUnpacked {
    Value m_storage[Depth];
    template <class Index> Value& operator[](Index index) { return m_storage[index]; }
    template <class Index> const Value& operator[](Index index) const { return m_storage[index]; }
};

#define VL_IN8(name, msb, lsb) CData name
#define VL_IN16(name, msb, lsb) SData name
#define VL_IN(name, msb, lsb) IData name
#define VL_IN64(name, msb, lsb) QData name
#define VL_INW(name, msb, lsb, words) VlWide<words> name
#define VL_OUT8(name, msb, lsb) CData name
#define VL_OUT16(name, msb, lsb) SData name
#define VL_OUT(name, msb, lsb) IData name
#define VL_OUT64(name, msb, lsb) QData name
#define VL_OUTW(name, msb, lsb, words) VlWide<words> name

// Over-aligned objects would need another operator new; nothing depends on the alignment.
#define VL_ATTR_ALIGNED(alignment)
#define VL_ATTR_UNUSED __attribute__((unused))
// What runs once for an instance is half of the text: not optimised, it compiles in a fraction of the time.
#if defined(__clang__)
#define VL_ATTR_COLD __attribute__((cold, noinline, optnone))
#elif defined(__GNUC__)
#define VL_ATTR_COLD __attribute__((cold, noinline, optimize("O0")))
#endif
#define VL_INLINE_OPT
// Loops over words are called: copied to each of thousands of uses they would only cost time to compile.
#define TRIGC_WIDE __attribute__((noinline)) inline
#define VL_NOT_FINAL
#define VL_CACHE_LINE_BYTES 64
#define VL_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define VL_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define VL_UNCOPYABLE(Type) \
    Type(const Type&) = delete; \
    Type& operator=(const Type&) = delete

#define VL_DEBUG_IF(statement) \
    do { \
    } while (false)

#include "values.h"
#include "words.h"
#include "shifts.h"
#include "joins.h"
#include "model.h"

#endif

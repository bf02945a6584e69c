// LZ4's block format: one call for a whole frame.
#ifndef HEDDLE_CLZ4_H
#define HEDDLE_CLZ4_H
#include <lz4.h>
#endif

// Linux calls that Swift cannot make directly.
#ifndef HEDDLE_CLINUX_H
#define HEDDLE_CLINUX_H
#endif

#ifndef HEDDLE_CLIBARCHIVE_H
#define HEDDLE_CLIBARCHIVE_H
#include <archive.h>
#include <archive_entry.h>
#endif

// libxml2's headers, without the ICU headers that Debian's build pulls in: those clash with
// Foundation's own ICU module.
#ifndef HEDDLE_CLIBXML2_H
#define HEDDLE_CLIBXML2_H
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlreader.h>
#endif

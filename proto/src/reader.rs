//! MessagePack as this protocol writes it, and nothing else.
//!
//! One message has one spelling. `rmp-serde` reads generously: a list where a map of named fields belongs, a number
//! for a name, a string or a list of numbers for bytes. Other programs would come to rely on such spellings, and they
//! break as soon as a message grows a field. It also counts depth loosely and trusts a list's announced length. So the
//! types are read through this, which takes single values from `rmp` and holds no memory of its own.

use rmp::Marker;
use rmp::decode::{self, NumValueReadError, ValueReadError};
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::codec::DecodeError;
use crate::limits::MAX_DEPTH;

type Result<T> = std::result::Result<T, DecodeError>;

/// What is left of a frame's body.
pub(crate) struct Reader<'de> {
    rest: &'de [u8],
    /// How many maps and lists are open.
    depth: usize,
}

impl<'de> Reader<'de> {
    pub(crate) const fn new(body: &'de [u8]) -> Self {
        Self { rest: body, depth: 0 }
    }

    /// Bytes that were not read.
    pub(crate) const fn left(&self) -> usize {
        self.rest.len()
    }

    fn take(&mut self, count: usize) -> Result<&'de [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(cut_short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn unsigned(&mut self) -> Result<u64> {
        decode::read_int(&mut self.rest).map_err(|error| match error {
            NumValueReadError::InvalidMarkerRead(_) | NumValueReadError::InvalidDataRead(_) => cut_short(),
            NumValueReadError::TypeMismatch(_) | NumValueReadError::OutOfRange => malformed("expected a whole number"),
        })
    }

    fn string(&mut self) -> Result<&'de str> {
        let length = decode::read_str_len(&mut self.rest).map_err(|error| no_such("a string", &error))?;
        std::str::from_utf8(self.take(length as usize)?).map_err(|_| malformed("a string that is not UTF-8"))
    }

    fn bytes(&mut self) -> Result<&'de [u8]> {
        let length = decode::read_bin_len(&mut self.rest).map_err(|error| no_such("bytes", &error))?;
        self.take(length as usize)
    }

    fn map_length(&mut self) -> Result<u32> {
        decode::read_map_len(&mut self.rest).map_err(|error| no_such("a map", &error))
    }

    fn next_is(&self, test: impl Fn(Marker) -> bool) -> bool {
        self.rest.first().is_some_and(|&byte| test(Marker::from_u8(byte)))
    }

    /// Reads what is inside a map or a list.
    fn inside<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_DEPTH {
            return Err(malformed("maps and lists nested too deep"));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Passes over one value of any kind.
    fn skip(&mut self) -> Result<()> {
        let marker = decode::read_marker(&mut self.rest).map_err(|_| cut_short())?;
        match self.extent(marker)? {
            Extent::Bytes(count) => self.take(count).map(|_| ()),
            Extent::Values(count) => self.inside(|reader| (0..count).try_for_each(|_| reader.skip())),
        }
    }

    /// What follows a marker.
    fn extent(&mut self, marker: Marker) -> Result<Extent> {
        Ok(match marker {
            Marker::Null | Marker::True | Marker::False | Marker::FixPos(_) | Marker::FixNeg(_) => Extent::Bytes(0),
            Marker::U8 | Marker::I8 => Extent::Bytes(1),
            Marker::U16 | Marker::I16 => Extent::Bytes(2),
            Marker::U32 | Marker::I32 | Marker::F32 => Extent::Bytes(4),
            Marker::U64 | Marker::I64 | Marker::F64 => Extent::Bytes(8),
            Marker::FixStr(length) => Extent::Bytes(length.into()),
            Marker::Str8 | Marker::Bin8 => Extent::Bytes(self.big_endian(1)?),
            Marker::Str16 | Marker::Bin16 => Extent::Bytes(self.big_endian(2)?),
            Marker::Str32 | Marker::Bin32 => Extent::Bytes(self.big_endian(4)?),
            Marker::FixExt1 => Extent::Bytes(EXT_TYPE + 1),
            Marker::FixExt2 => Extent::Bytes(EXT_TYPE + 2),
            Marker::FixExt4 => Extent::Bytes(EXT_TYPE + 4),
            Marker::FixExt8 => Extent::Bytes(EXT_TYPE + 8),
            Marker::FixExt16 => Extent::Bytes(EXT_TYPE + 16),
            Marker::Ext8 => Extent::Bytes(EXT_TYPE + self.big_endian(1)?),
            Marker::Ext16 => Extent::Bytes(EXT_TYPE + self.big_endian(2)?),
            Marker::Ext32 => Extent::Bytes(EXT_TYPE + self.big_endian(4)?),
            Marker::FixArray(length) => Extent::Values(length.into()),
            Marker::Array16 => Extent::Values(self.big_endian(2)?),
            Marker::Array32 => Extent::Values(self.big_endian(4)?),
            Marker::FixMap(length) => Extent::Values(2 * usize::from(length)),
            Marker::Map16 => Extent::Values(2 * self.big_endian(2)?),
            Marker::Map32 => Extent::Values(2 * self.big_endian(4)?),
            Marker::Reserved => return Err(malformed("the byte that MessagePack never uses")),
        })
    }

    fn big_endian(&mut self, bytes: usize) -> Result<usize> {
        Ok(self.take(bytes)?.iter().fold(0, |number, &byte| number << 8 | usize::from(byte)))
    }
}

/// How much belongs to a value behind its marker.
enum Extent {
    Bytes(usize),
    Values(usize),
}

/// Bytes of an extension's type.
const EXT_TYPE: usize = 1;

fn malformed(what: &str) -> DecodeError {
    DecodeError::Malformed(what.to_owned())
}

fn cut_short() -> DecodeError {
    malformed("a message that goes on behind its frame")
}

fn no_such(expected: &str, error: &ValueReadError) -> DecodeError {
    match error {
        ValueReadError::InvalidMarkerRead(_) | ValueReadError::InvalidDataRead(_) => cut_short(),
        ValueReadError::TypeMismatch(found) => DecodeError::Malformed(format!("expected {expected}, found {found:?}")),
    }
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = DecodeError;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
        Err(malformed("a type that the protocol does not use"))
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 f64 char unit unit_struct tuple tuple_struct
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_bool(decode::read_bool(&mut self.rest).map_err(|error| no_such("true or false", &error))?)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_u64(self.unsigned()?)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_u64(self.unsigned()?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_u64(self.unsigned()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_u64(self.unsigned()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_borrowed_str(self.string()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_borrowed_str(self.string()?)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_borrowed_str(self.string()?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_borrowed_bytes(self.bytes()?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_borrowed_bytes(self.bytes()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.next_is(|marker| marker == Marker::Null) {
            self.take(1)?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let left = decode::read_array_len(&mut self.rest).map_err(|error| no_such("a list", &error))?;
        self.inside(|reader| visitor.visit_seq(Entries { reader, left }))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let left = self.map_length()?;
        self.inside(|reader| visitor.visit_map(Entries { reader, left }))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_map(visitor)
    }

    /// A variant without fields is its name; any other is a map of one, from its name to what it holds.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let is_string = |m| matches!(m, Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32);
        if self.next_is(is_string) {
            let name: &str = self.string()?;
            return visitor.visit_enum(name.into_deserializer());
        }
        if self.map_length()? != 1 {
            return Err(malformed("expected a map of one"));
        }
        self.inside(|reader| visitor.visit_enum(Holding(reader)))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }
}

/// The rest of a list or map.
struct Entries<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: u32,
}

impl<'de> Entries<'_, 'de> {
    fn read<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    /// Every entry has a byte at least, whatever the announced length says.
    fn at_most(&self) -> usize {
        self.reader.left().min(self.left as usize)
    }
}

impl<'de> de::SeqAccess<'de> for Entries<'_, 'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        self.read(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.at_most())
    }
}

impl<'de> de::MapAccess<'de> for Entries<'_, 'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        self.read(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        seed.deserialize(&mut *self.reader)
    }
}

/// A variant that holds something.
struct Holding<'a, 'de>(&'a mut Reader<'de>);

impl<'de> de::EnumAccess<'de> for Holding<'_, 'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        Ok((seed.deserialize(&mut *self.0)?, self))
    }
}

impl<'de> de::VariantAccess<'de> for Holding<'_, 'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<()> {
        Err(malformed("a map where a name alone belongs"))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        de::Deserializer::deserialize_any(self.0, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value> {
        de::Deserializer::deserialize_map(self.0, visitor)
    }
}

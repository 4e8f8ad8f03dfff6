//! JSON read by the browser's own parser, and from its values into ours.
//!
//! It takes what our server writes; numbers are exact up to 2⁵³, as everywhere in a browser. An answer that cannot be read says
//! only that: the sentences of a full decoder, and the printing of floats in them, would be a tenth of all that is downloaded.

use std::fmt;

use js_sys::{Array, JSON, Object};
use serde::{
    Deserializer,
    de::{self, DeserializeOwned, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor},
    forward_to_deserialize_any,
};
use wasm_bindgen::{JsCast as _, JsValue};

#[derive(Debug)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The answer could not be read.")
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }
}

/// # Errors
/// When the text is not JSON, or not a `T`.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    let value = JSON::parse(text).map_err(|_| Unreadable)?;
    T::deserialize(Value(value))
}

struct Value(JsValue);

impl Value {
    fn number<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Unreadable> {
        let number = self.0.as_f64().ok_or(Unreadable)?;
        let whole = number as i64;
        if whole as f64 == number {
            visitor.visit_i64(whole)
        } else {
            visitor.visit_f64(number)
        }
    }

    fn text(&self) -> Result<String, Unreadable> {
        self.0.as_string().ok_or(Unreadable)
    }

    fn items(&self) -> Result<Items, Unreadable> {
        let array = self.0.dyn_ref::<Array>().ok_or(Unreadable)?;
        Ok(Items::of(array.clone()))
    }

    fn entries(&self) -> Result<Entries, Unreadable> {
        let object = self.0.dyn_ref::<Object>().ok_or(Unreadable)?;
        Ok(Entries {
            rest: Items::of(Object::entries(object)),
            value: JsValue::UNDEFINED,
        })
    }
}

macro_rules! read_as {
    ($($method:ident)* => |$value:ident, $visitor:ident| $body:expr) => {
        $(fn $method<V: Visitor<'de>>(self, $visitor: V) -> Result<V::Value, Unreadable> {
            let $value = self;
            $body
        })*
    };
}

impl<'de> Deserializer<'de> for Value {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let value = &self.0;
        if value.is_null() {
            visitor.visit_unit()
        } else if let Some(answer) = value.as_bool() {
            visitor.visit_bool(answer)
        } else if value.is_string() {
            self.deserialize_string(visitor)
        } else if value.is_array() {
            self.deserialize_seq(visitor)
        } else if value.is_object() {
            self.deserialize_map(visitor)
        } else {
            self.number(visitor)
        }
    }

    read_as! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32
    deserialize_u64 deserialize_f32 deserialize_f64 => |value, visitor| value.number(visitor) }

    read_as! { deserialize_char deserialize_str deserialize_string deserialize_identifier
    => |value, visitor| visitor.visit_string(value.text()?) }

    read_as! { deserialize_seq => |value, visitor| visitor.visit_seq(value.items()?) }

    read_as! { deserialize_map => |value, visitor| visitor.visit_map(value.entries()?) }

    read_as! { deserialize_ignored_any => |_value, visitor| visitor.visit_unit() }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_enum(Variant::of(self)?)
    }

    forward_to_deserialize_any! { bool bytes byte_buf unit unit_struct tuple_struct }
}

/// The values of an array, one after the other.
struct Items {
    array: Array,
    next: u32,
}

impl Items {
    fn of(array: Array) -> Self {
        Self { array, next: 0 }
    }

    fn take(&mut self) -> Option<JsValue> {
        let is_there = self.next < self.array.length();
        self.next += 1;
        is_there.then(|| self.array.get(self.next - 1))
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Unreadable;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Unreadable> {
        self.take().map(|item| seed.deserialize(Value(item))).transpose()
    }
}

/// Names and values of an object.
struct Entries {
    rest: Items,
    value: JsValue,
}

impl Entries {
    fn take(&mut self) -> Option<JsValue> {
        let entry: Array = self.rest.take()?.unchecked_into();
        self.value = entry.get(1);
        Some(entry.get(0))
    }
}

impl<'de> MapAccess<'de> for Entries {
    type Error = Unreadable;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Unreadable> {
        self.take().map(|name| seed.deserialize(Value(name))).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Unreadable> {
        seed.deserialize(Value(self.value.clone()))
    }
}

/// `"pending"`, or `{"Ok": …}`.
struct Variant {
    name: JsValue,
    content: JsValue,
}

impl Variant {
    fn of(value: Value) -> Result<Self, Unreadable> {
        if value.0.is_string() {
            return Ok(Self {
                name: value.0,
                content: JsValue::NULL,
            });
        }
        let mut entries = value.entries()?;
        let name = entries.take().ok_or(Unreadable)?;
        Ok(Self {
            name,
            content: entries.value,
        })
    }
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unreadable;
    type Variant = Value;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Value), Unreadable> {
        let name = seed.deserialize(Value(self.name))?;
        Ok((name, Value(self.content)))
    }
}

impl<'de> VariantAccess<'de> for Value {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Unreadable> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_map(visitor)
    }
}

//! Products for the table and for their own pages.

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};
use serde::{Deserialize, Serialize};
use stockroom::{
    changes::Change,
    page::{Page, PageRequest},
    products::{Product, ProductQuery},
};

use crate::error::AppError;

/// A product, in the bin or not, and what has happened to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductRecord {
    pub product: Product,
    pub history: Vec<Change>,
}

#[server(name = ListProducts, prefix = "/actions", endpoint = "list_products", input = GetUrl, output = Json)]
pub async fn list_products(query: ProductQuery, page: PageRequest) -> Result<Page<Product>, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::products::list(request.services.reader(), &query, &page).await?)
}

#[server(name = GetProduct, prefix = "/actions", endpoint = "get_product", input = GetUrl, output = Json)]
pub async fn get_product(id: i64) -> Result<ProductRecord, AppError> {
    let request = crate::request::signed_in()?;
    let db = request.services.reader();
    let product = stockroom::products::get_anywhere(db, id).await?;
    let history = stockroom::changes::history(db, id).await?;
    Ok(ProductRecord { product, history })
}

//! Products for the table and for their own pages.

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};
use stockroom::{
    page::{Page, PageRequest},
    products::{Product, ProductQuery},
};

use crate::error::AppError;

#[server(name = ListProducts, prefix = "/actions", endpoint = "list_products", input = GetUrl, output = Json)]
pub async fn list_products(query: ProductQuery, page: PageRequest) -> Result<Page<Product>, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::products::list(request.services.reader(), &query, &page).await?)
}

#[server(name = GetProduct, prefix = "/actions", endpoint = "get_product", input = GetUrl, output = Json)]
pub async fn get_product(id: i64) -> Result<Product, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::products::get(request.services.reader(), id).await?)
}
